// Mantine's theme: its components as the tokens want them.
import {
  Badge,
  Button,
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  NavLink,
  PasswordInput,
  TextInput,
} from '@mantine/core';
import { color, variablesOf } from './tokens.js';

/** Soft at the light end; filled at shade 6 in light and 5 in dark, with what is under the pointer beside each. */
const shades = (soft: string, line: string, fills: readonly [string, string, string, string]): MantineColorsTuple => {
  const [light, lightHover, dark, darkHover] = fills;
  return [soft, soft, line, line, darkHover, dark, light, lightHover, lightHover, lightHover];
};

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  autoContrast: false,
  colors: {
    accent: shades('#eaf0fe', '#bfd0f8', ['#2a5bd7', '#214cbb', '#3c6ae4', '#456fe2']),
    good: shades('#e5f3ea', '#b5dcc3', ['#17753e', '#156a38', '#1d7f46', '#23904f']),
    bad: shades('#fdeeec', '#f3c4bf', ['#c4281b', '#b42318', '#cf3b2e', '#d94f43']),
    warn: shades('#fcf3e0', '#ecd3a2', ['#b86e00', '#855000', '#d9982f', '#e6b35c']),
  },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '600' },
  defaultRadius: 6,
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '14px', xl: '20px' },
  lineHeights: { xs: '1.34', sm: '1.54', md: '1.54', lg: '1.43', xl: '1.4' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { variant: 'default', size: 'sm', h: 32, fw: 500 } }),
    Badge: Badge.extend({ defaultProps: { variant: 'light', radius: 4, tt: 'none', fw: 500, h: 22 } }),
    NavLink: NavLink.extend({ defaultProps: { h: 32 } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
  },
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...variablesOf('light'),
    ...MANTINE,
    ...softOf('accent'),
    ...softOf('good'),
    ...softOf('bad'),
    ...softOf('warn'),
  },
  dark: {
    ...variablesOf('dark'),
    ...MANTINE,
    ...softOf('accent'),
    ...softOf('good'),
    ...softOf('bad'),
    ...softOf('warn'),
  },
});

/** What the variant `light` of a colour looks like. */
const softOf = (name: 'accent' | 'good' | 'bad' | 'warn'): Record<string, string> => ({
  [`--mantine-color-${name}-light`]: color(`${name}-soft`),
  [`--mantine-color-${name}-light-hover`]: color(`${name}-soft`),
  [`--mantine-color-${name}-light-color`]: color(`${name}-text`),
});

/** Mantine's own names for the same things. */
const MANTINE: Record<string, string> = {
  '--mantine-color-body': color('canvas'),
  '--mantine-color-text': color('text'),
  '--mantine-color-dimmed': color('text-3'),
  '--mantine-color-placeholder': color('text-3'),
  '--mantine-color-default': color('surface'),
  '--mantine-color-default-hover': color('hover'),
  '--mantine-color-default-color': color('text'),
  '--mantine-color-default-border': color('line-strong'),
  '--mantine-color-anchor': color('accent-text'),
  '--mantine-color-error': color('bad-text'),
};
