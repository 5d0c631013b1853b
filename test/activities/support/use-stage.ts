// Where activities are tested: the store under test, and scenes on it, all closed when the file ends.
import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import type { Database } from '../../../src/store/database.js';
import { createTokenCipher } from '../../../src/store/token-cipher.js';
import { useStore } from '../../store/support/use-store.js';
import { openScene, type Scene, type SceneOptions } from './scene.js';

export interface Stage {
  /** As the owner, which the worker is. */
  readonly database: Database;
  readonly databaseUrl: string;
  /** A console, an account with three organizations, and a connection that waits for validation. */
  scene(options?: SceneOptions): Promise<Scene>;
}

export function useStage(): Stage {
  const store = useStore();
  const cipher = createTokenCipher([{ kid: 'test', key: randomBytes(32) }]);
  const opened: Scene[] = [];
  // Runs before the store is closed: the last hook to be registered is the first to run.
  afterAll(async () => {
    for (const scene of opened) await scene.close();
  });
  return {
    get database() {
      return store.owner;
    },
    get databaseUrl() {
      return store.url;
    },
    async scene(options = {}) {
      const scene = await openScene({ database: store.owner, cipher }, options);
      opened.push(scene);
      return scene;
    },
  };
}
