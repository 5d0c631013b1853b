// What each command of the catalog does. Imported once a command is known, because it brings the whole product with it.
import type { CommandName } from '../catalog.js';
import { accountCreate, accountList } from './account.program.js';
import { plainCommand } from './connection-command.program.js';
import { connectionFollow } from './connection-follow.program.js';
import { connectionList } from './connection-list.program.js';
import { connectionRemap } from './connection-remap.program.js';
import { connectionRepair } from './connection-repair.program.js';
import { connectionShow } from './connection-show.program.js';
import { connectionSites } from './connection-sites.program.js';
import { connectionToken } from './connection-token.program.js';
import { keyList } from './key.program.js';
import type { Program } from './program.js';
import { statementFreeze, statementList, statementRevise } from './statement.program.js';

export const PROGRAMS: Readonly<Record<CommandName, Program>> = {
  'account create': accountCreate,
  'account list': accountList,
  'connection list': connectionList,
  'connection show': connectionShow,
  'connection sites': connectionSites,
  'connection remap': connectionRemap,
  'connection token': connectionToken,
  'connection follow': connectionFollow,
  'connection pause': plainCommand('pause'),
  'connection resume': plainCommand('resume'),
  'connection recheck': plainCommand('recheck'),
  'connection sync': plainCommand('syncSites'),
  'connection repair': connectionRepair,
  'key list': keyList,
  'statement list': statementList,
  'statement freeze': statementFreeze,
  'statement revise': statementRevise,
};
