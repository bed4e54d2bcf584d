// The program: what `exedra --help` lists. A subcommand is one file in commands/.
import { Command } from 'commander';
import { actionsCommand } from './commands/actions.ts';
import { auditCommand } from './commands/audit.ts';
import { contentCommand } from './commands/content.ts';
import { demoCommand } from './commands/demo.ts';
import { modesCommand } from './commands/modes.ts';
import { operatorCommand } from './commands/operator.ts';
import { serveCommand } from './commands/serve.ts';
import { runDemo } from './demo/run_demo.ts';
import { VERSION } from './version.ts';

/** Builds the program anew, so that tests and the command share no state. */
export function createProgram(): Command {
  return new Command('exedra')
    .description(
      'A provider for MIMI (More Instant Messaging Interoperability): hub and follower for end-to-end-encrypted rooms.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(exedra --help tells what there is)')
    .addCommand(serveCommand(runDemo))
    .addCommand(demoCommand(runDemo))
    .addCommand(auditCommand())
    .addCommand(actionsCommand())
    .addCommand(contentCommand())
    .addCommand(operatorCommand())
    .addCommand(modesCommand())
    .addHelpText(
      'after',
      `
Examples:
  exedra demo                           play a room's life in all four privacy modes
  exedra audit                          who could see what of it, measured
  exedra actions                        what ban, kick, block, report… become in each mode
  exedra serve                          serve the domain localhost on http://127.0.0.1:8474
  exedra serve --domain a.example --port 0
  exedra serve --config provider.json
  exedra content inspect message.cbor   what a MIMI content message says
  exedra modes --bench --members 2,10   what each privacy mode costs each party
  exedra help serve                     all options and their defaults

Documentation: README.md and docs/ of the package.`,
    );
}
