import type { ConnectionRepairService, RepairAuthor } from '../../api/connections/connection-repair.service.js';
import type { Repaired } from '../../domain/connection/repair.js';
import { EXIT } from '../exit-code.js';
import { repairedText } from '../text/repair-words.js';
import { findConnection } from './find.js';
import { type Context, flag, type Program } from './program.js';

/** One connection, or all of them: what was found of each, and what was done. */
export const connectionRepair: Program = async (context) => {
  const repairs = context.tools.temporal().repairs;
  return flag(context.given, 'all') ? repairAll(context, repairs) : repairOne(context, repairs);
};

const authorOf = ({ author }: Context): RepairAuthor => ({
  label: author,
  facts: { ip: null, userAgent: null, requestId: null },
});

async function repairOne(context: Context, repairs: ConnectionRepairService) {
  const { connectionId } = await findConnection(context);
  const repaired = await repairs.one(authorOf(context), connectionId);
  context.output.result(repaired, () => repairedText(repaired));
}

async function repairAll(context: Context, repairs: ConnectionRepairService) {
  const report = await repairs.all(authorOf(context));
  context.output.result(report, () => allText(report));
  return report.failed > 0 ? EXIT.failed : EXIT.done;
}

function allText({ checked, items }: { readonly checked: number; readonly items: readonly Repaired[] }): string {
  if (checked === 0) return 'There is no connection that should have a workflow.';
  if (items.length === 0) return `Nothing to do: the workflow of every connection runs (${checked} looked at).`;
  return [...items.map(repairedText), `${checked} looked at; the others run.`].join('\n');
}
