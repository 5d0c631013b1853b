// Every colour of the console, light and dark. Components name a token, never a colour.

/** Token → [light, dark]; used in styles as `var(--<token>)`. */
export const COLORS = {
  canvas: ['#f7f8f9', '#0e1013'],
  surface: ['#ffffff', '#15181c'],
  sunken: ['#f2f4f6', '#1b1f24'],
  hover: ['#f4f6f8', '#1a1e23'],
  selected: ['#eef3fe', '#161f34'],
  line: ['#e2e5ea', '#272c33'],
  'line-strong': ['#cfd4db', '#39404a'],
  control: ['#858e9b', '#6b7582'],
  text: ['#14171c', '#e9ebee'],
  'text-2': ['#474f5b', '#b3bac4'],
  'text-3': ['#626b78', '#8f98a5'],
  'text-off': ['#9aa2ad', '#5d6672'],
  accent: ['#2a5bd7', '#3c6ae4'],
  'accent-hover': ['#214cbb', '#456fe2'],
  'accent-text': ['#2453c6', '#86abff'],
  'accent-soft': ['#eaf0fe', '#172442'],
  'accent-line': ['#bfd0f8', '#2c4379'],
  good: ['#17753e', '#1d7f46'],
  'good-text': ['#156a38', '#5cc98a'],
  'good-soft': ['#e5f3ea', '#12291c'],
  'good-line': ['#b5dcc3', '#22523a'],
  bad: ['#c4281b', '#cf3b2e'],
  'bad-text': ['#b42318', '#ff8b80'],
  'bad-soft': ['#fdeeec', '#33171a'],
  'bad-line': ['#f3c4bf', '#6a2b2a'],
  warn: ['#b86e00', '#d9982f'],
  'warn-text': ['#855000', '#e6b35c'],
  'warn-soft': ['#fcf3e0', '#2c2312'],
  'warn-line': ['#ecd3a2', '#5c4719'],
  'chart-stored': ['#3f6fe0', '#5f8af0'],
  'chart-discarded': ['#d8942a', '#e0a445'],
  'chart-other': ['#7b8796', '#7f8a98'],
  'chart-grid': ['#e9ecf0', '#22272d'],
  'hour-equal': ['#d9eee0', '#173527'],
  'hour-repaired': ['#c3d4fa', '#2d4c96'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

export type ColorToken = keyof typeof COLORS;

/** For styles: `color('text-2')`. */
export const color = (token: ColorToken): string => `var(--${token})`;

const SCHEMES = { light: 0, dark: 1 } as const;

export const variablesOf = (scheme: keyof typeof SCHEMES): Record<string, string> =>
  Object.fromEntries(Object.entries(COLORS).map(([token, values]) => [`--${token}`, values[SCHEMES[scheme]]]));
