// How payloads are decoded inside workflows. By the SDK's own converter one that cannot be decoded, say of an encoding
// that nobody knows, fails the workflow task, which is then tried again for ever: a signal sent by hand could stop a
// connection for good. Here such an argument becomes a value that says so, and whoever reads it refuses it. What an
// activity answers stays an error: it is ours, and a workflow that went on without it would decide by nothing.
import {
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';
import { unreadable } from './connection/unreadable.js';

const MAX_ENCODING = 50;

export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload, context?: SerializationContext): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch (error) {
      if (context?.type === 'activity') throw error;
      return unreadable(`the arguments could not be decoded (encoding ${encodingOf(payload)})`) as T;
    }
  },
};

/** What of it is safe to show: it comes from whoever sent the payload. */
function encodingOf({ metadata }: Payload): string {
  const bytes = metadata?.['encoding'];
  const text = bytes === undefined || bytes === null ? 'none' : String.fromCharCode(...bytes.slice(0, MAX_ENCODING));
  return text.replaceAll(/[^\w/.+-]/g, '?');
}
