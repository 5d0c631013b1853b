// Loaded into the processes of a campaign before their own code: a workflow that they start again, because it is gone,
// keeps the rhythm that its connection began with, and not the usual one of minutes and hours.
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import { INTERVALS } from './world.js';

Object.assign(DEFAULT_INTERVALS, INTERVALS);
