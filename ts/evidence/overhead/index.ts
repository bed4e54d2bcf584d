// What the modes cost beside each other: measured, judged, told.

export { creating, roomActions } from './actions.ts';
export { OverheadError } from './error.ts';
export { DEFAULT_MEMBERS, DEFAULT_REPEATS, FEWEST_MEMBERS } from './measure.ts';
export { overheadPage } from './page.ts';
export { type Report, reportOverhead } from './report.ts';
export { BASE_MODE, type Row } from './rows.ts';
export { bytesText, cpuText, ratioText, surroundingsText, verdictText } from './text.ts';
