import { Link } from '@tanstack/react-router';
import { Empty } from '../blocks/states.js';

export function NoPage() {
  return (
    <Empty title="There is no such page" action={<Link to="/">To the overview</Link>}>
      The address may be an old one, or not copied whole.
    </Empty>
  );
}
