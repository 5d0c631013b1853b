// What follows from a row's slot: who acted, and which threat, rule and alert the row speaks about. It is derived from
// the slot by hashing and never stored, so filters and rendering agree without a byte of memory.
import { KINDS } from '../kinds/catalog.js';
import type { ActivityKind, Rule, Threat } from '../kinds/kind.js';
import { SEQUENCE_MASK, snowflake } from '../world/ids.js';
import { mix, Random } from '../world/random.js';
import { type Account, type Agent, type ConsoleUser, groupOf, type Site, type World } from '../world/world.js';
import { type ActivityLog, NONE, RAW_KIND } from './activity-log.js';

const RULE_NAMES = [
  'Encoded PowerShell',
  'LSASS access',
  'New local administrator',
  'Shadow copies deleted',
  'Remote tool started',
  'Ausführung aus dem Temp-Ordner',
] as const;
/** Above 2^53, so that a client which reads them as doubles loses digits. */
const RULES: readonly Rule[] = RULE_NAMES.map((name, n) => ({
  id: `17000000000000${String(129 + n * 8_389).padStart(5, '0')}`,
  name,
  severity: ['Low', 'Medium', 'High', 'Critical'][n % 4] ?? 'Low',
}));
const FILES = [
  'invoice_2026.pdf.exe',
  'mimikatz.exe',
  'Rechnung Nr. 7.docm',
  'updater.dll',
  'eicar.com',
  'xmrig',
] as const;
const CLASSES = ['Malware', 'Trojan', 'Ransomware', 'PUA', 'Cryptominer', 'Hacktool'] as const;

export class FactsOfRows {
  constructor(
    readonly world: World,
    readonly log: ActivityLog,
  ) {}

  kind(slot: number): ActivityKind | null {
    const kind = this.log.at(this.log.kind, slot);
    return kind === RAW_KIND ? null : (KINDS[kind] ?? null);
  }

  account = (slot: number): Account | null => this.world.accounts[this.log.at(this.log.account, slot)] ?? null;
  site = (slot: number): Site | null => this.world.sites[this.log.at(this.log.site, slot)] ?? null;
  agent = (slot: number): Agent | null => this.world.agents[this.log.at(this.log.agent, slot)] ?? null;

  groupId(slot: number): string | null {
    const site = this.site(slot);
    const agent = this.agent(slot);
    return site === null || agent === null ? null : (groupOf(site, agent)?.id ?? null);
  }

  user(slot: number): ConsoleUser {
    const account = this.account(slot) ?? this.world.accounts[0];
    const users = account === undefined ? undefined : this.world.users.get(account);
    const user = users?.[mix(this.log.seed ^ 0x05e5, slot) % users.length];
    if (user === undefined) throw new Error('the console has no account, so nobody can act on it');
    return user;
  }

  threatId(slot: number): string | null {
    const threatSlot = this.log.at(this.log.threatSlot, slot);
    if (threatSlot === NONE) return null;
    return snowflake(this.log.idMs(threatSlot) - 40, mix(this.log.seed ^ 0x7e47, threatSlot) & SEQUENCE_MASK);
  }

  threat(slot: number): Threat | null {
    const id = this.threatId(slot);
    if (id === null) return null;
    const threatSlot = this.log.at(this.log.threatSlot, slot);
    const random = new Random(mix(this.log.seed ^ 0x74, threatSlot));
    const fileName = random.pick(FILES);
    const suspicious = this.kind(threatSlot)?.type === 4003;
    return {
      id,
      classification: random.pick(CLASSES),
      confidence: suspicious ? 'suspicious' : 'malicious',
      fileName,
      filePath: `\\Device\\HarddiskVolume3\\Users\\${random.pick(['mkemp', 'r.santos', 'bjørn'])}\\Downloads\\${fileName}`,
      sha1: random.hex(40),
    };
  }

  rule = (slot: number): Rule => pick(RULES, mix(this.log.seed ^ 0x9a, slot));

  alertId = (slot: number): string =>
    snowflake(this.log.idMs(slot) - 75, mix(this.log.seed ^ 0xa1, slot) & SEQUENCE_MASK);
}

function pick<T>(list: readonly T[], n: number): T {
  const item = list[n % list.length];
  if (item === undefined) throw new RangeError('cannot pick from an empty list');
  return item;
}
