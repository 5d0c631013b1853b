// The account's own log-source settings, read only. Always with `accountIds`: without a scope consoles answer 401.
import type { Send } from '../http/request.js';
import { readEnvelope } from './envelope.js';
import { type NotificationSettings, notificationSettings, type SyslogSettings, syslogSettings } from './shapes.js';

export interface SettingsCalls {
  /** Needs `Console Integrations (View)`. */
  getSyslogSettings(accountId: string): Promise<SyslogSettings>;
  /** Needs `Notification Settings (View)`. */
  getNotificationSettings(accountId: string): Promise<NotificationSettings>;
}

export const createSettingsCalls = (send: Send): SettingsCalls => ({
  async getSyslogSettings(accountId) {
    const reply = await send({ endpoint: 'settings/syslog', query: { accountIds: [accountId] } });
    return readEnvelope('settings/syslog', reply.text, syslogSettings).data;
  },
  async getNotificationSettings(accountId) {
    const reply = await send({ endpoint: 'settings/notifications', query: { accountIds: [accountId] } });
    return readEnvelope('settings/notifications', reply.text, notificationSettings).data;
  },
});
