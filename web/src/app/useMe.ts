import { useSuspenseQuery } from '@tanstack/react-query';
import { meQuery } from '../api/queries.js';
import { type Ability, may } from './roles.js';

/** Who is signed in; inside the frame there always is somebody. */
export const useMe = () => useSuspenseQuery(meQuery).data;

export const useMay = (ability: Ability): boolean => may(useMe().role, ability);
