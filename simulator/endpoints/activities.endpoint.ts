// `GET /activities` and `GET /activities/types`. A page is joined from the rows' texts, which are never parsed.
import { ACTIVITY_PARAMS } from '../activities/activity-filter.js';
import { pageOfActivities } from '../activities/activity-page.js';
import { activityTypesReply } from '../activities/activity-types.js';
import { withCreatedAt } from '../activities/created-at-form.js';
import { joinPage } from '../activities/page-body.js';
import { readQuery } from '../http/query.js';
import { jsonText } from '../http/reply.js';
import { type Endpoints, visibilityOf } from './endpoint.js';

export const activitiesEndpoints: Endpoints = (state) => {
  const types = activityTypesReply();
  const { knobs, log, texts } = state;
  const textOf = (slot: number): string | Buffer => {
    const text = texts.textOf(slot);
    if (knobs.createdAtForm === 'micros' || log.raw.has(slot)) return text;
    return withCreatedAt(text.toString(), log.at(log.createdAtMicros, slot), knobs.createdAtForm);
  };
  return [
    {
      method: 'GET',
      path: /^\/activities$/,
      permission: 'Activity Page.view',
      answer: ({ search, token }) => {
        const page = pageOfActivities({
          facts: state.facts,
          cursors: state.cursors,
          query: readQuery(search, ACTIVITY_PARAMS),
          visible: visibilityOf(token),
        });
        const pagination = JSON.stringify({ totalItems: page.totalItems, nextCursor: page.nextCursor });
        const rows = page.slots.map(textOf);
        return jsonText(joinPage({ head: '{"data":[', rows, tail: `],"pagination":${pagination}}` }));
      },
    },
    {
      method: 'GET',
      path: /^\/activities\/types$/,
      permission: 'Activity Page.view',
      answer: ({ search }) => {
        readQuery(search, {});
        return jsonText(types);
      },
    },
  ];
};
