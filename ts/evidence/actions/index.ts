// The action matrix's surface: play it, and write its account out.

export {
  ACTIONS,
  type Action,
  type ActionReport,
  actionMatrix,
  type Cell,
  isOk,
  playCell,
  titleOf,
} from './matrix.ts';
export { actionsPage } from './page.ts';
export { Stage } from './stage.ts';
