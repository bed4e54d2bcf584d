// A relay before a server: it passes all bytes on as they come, and writes them down for both sides. Who is between two
// providers is taken to see only which two they are, when, and how much: TLS hides the rest.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type HttpMessage, HttpMessages } from './http_messages.ts';
import type { Tape } from './tape.ts';

/** How other providers name themselves in requests. */
const PEER = /^mimi@(.+)$/;
export const DEVICE = 'device';

interface Passing {
  readonly place: 'wire request' | 'wire response';
  readonly peer: string;
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly connection: number;
}

/** One server's relay. */
export class Relay {
  readonly url: string;
  readonly #domain: string;
  readonly #tape: Tape;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #connections = 0;
  /** What could not be taken apart; the connection ended there. */
  fault: unknown;

  private constructor(domain: string, tape: Tape, server: Server) {
    this.#domain = domain;
    this.#tape = tape;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => this.#relay(socket));
  }

  /** Listens on a free port of the loopback interface. */
  static async open(domain: string, tape: Tape): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Relay(domain, tape, server);
  }

  /** Where the server itself listens, such as `http://127.0.0.1:8474`. */
  leadTo(url: string): void {
    this.#port = Number(new URL(url).port);
  }

  #relay(client: Socket): void {
    const server = connect(this.#port, '127.0.0.1');
    // As the client sends its requests one after the other, an answer is of the last one.
    let peer = DEVICE;
    let what = '';
    this.#connections += 1;
    const connection = this.#connections;
    this.#pass(client, server, ({ start, headers, bytes }) => {
      peer = PEER.exec(headers.get('from') ?? '')?.[1] ?? DEVICE;
      what = start.split(' ')[1] ?? '';
      this.#note({ place: 'wire request', peer, what, bytes, connection });
    });
    this.#pass(server, client, ({ bytes }) =>
      this.#note({ place: 'wire response', peer, what, bytes, connection }),
    );
  }

  #pass(from: Socket, to: Socket, note: (message: HttpMessage) => void): void {
    const messages = new HttpMessages();
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      try {
        for (const message of messages.push(chunk)) note(message);
        to.write(chunk);
      } catch (error) {
        this.fault ??= error;
        from.destroy();
      }
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #note(message: Passing): void {
    const domain = this.#domain;
    const { place, peer, bytes } = message;
    this.#tape.note({ ...message, party: domain });
    if (peer === DEVICE) return;
    // What passes between two providers is known to both.
    this.#tape.note({ ...message, party: peer, peer: domain });
    const [from, to] = place === 'wire request' ? [peer, domain] : [domain, peer];
    this.#tape.pass({ from, to, at: Date.now(), length: bytes.length });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
