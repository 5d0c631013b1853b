import type { Benchmark } from './harness/benchmark.js';
export const idle: Benchmark = {
  name: 'idle',
  summary: '',
  options: {},
  run: () => Promise.reject(new Error('not yet')),
};
