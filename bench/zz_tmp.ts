import { init } from '../ts/mls/index.ts';
import { durableMessages } from '../bench/operations/durable_messages.ts';
await init();
console.log(JSON.stringify(await durableMessages(4000, 1)));
