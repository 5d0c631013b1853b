// Opens a page on a thread and says how many rows it has.
import { createPagePool } from '../../../activities/pages/page-pool.js';

const threads = createPagePool({ inPlaceBytes: 0 });
const page = await threads.open(Buffer.from('{"data":[{},{}],"pagination":{}}'));
process.stdout.write(`${page.rowCount} rows\n`);
page.close();
await threads.close();
