// `GET /system/info`, which any living token may read, and `GET /system/status`, which needs none.
import { readQuery } from '../http/query.js';
import { data } from '../http/reply.js';
import type { Endpoints } from './endpoint.js';

export const systemEndpoints: Endpoints = () => [
  {
    method: 'GET',
    path: /^\/system\/info$/,
    answer: ({ search }) => {
      readQuery(search, {});
      return data({
        build: '57',
        version: 'S-25.1.3#57',
        release: 'Simulated',
        patch: '3',
        latestAgentVersion: '25.1.1.134',
      });
    },
  },
  {
    method: 'GET',
    path: /^\/system\/status(?:\/db|\/cache)?$/,
    isPublic: true,
    answer: () => data({ health: 'ok' }),
  },
];
