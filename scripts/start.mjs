// `npm start`: sets up what is missing, then runs `exedra serve --demo` in this very process, so that a signal to
// npm reaches it.
import { setUp } from './setup.mjs';
import { printFailure, Steps } from './support/steps.mjs';

try {
  await setUp(new Steps(process.stderr));
  process.argv.splice(2, 0, 'serve', '--demo');
  // Not a static import: dist/ may have been built only now.
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
