// Ids on the wire. Upper case is read as the same id: services compare ids as text, and PostgreSQL writes them in lower case.
import { z } from 'zod';

export const id = z.uuid().toLowerCase();
