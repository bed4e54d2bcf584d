// One HTTP request with exactly the given headers (Host included), and its answer.
import { type ClientRequest, request as send } from 'node:http';

export interface HttpCall {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
  readonly onRequest?: (request: ClientRequest) => void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Sends a request on a connection of its own. The path goes out as it is, without being normalised. */
export function httpCall(base: string, path: string, call: HttpCall = {}): Promise<HttpAnswer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = send(
      { hostname, port, path, method: call.method ?? 'POST', headers: call.headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on('error', reject);
    call.onRequest?.(request);
    request.end(call.body);
  });
}

/** The error object of a JSON answer. */
export function errorOf(answer: HttpAnswer): { layer: string; code: string; message: string } {
  const parsed = JSON.parse(answer.body.toString('utf8')) as { error: never };
  return parsed.error;
}
