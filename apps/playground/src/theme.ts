import {
  type CSSVariablesResolver,
  type MantineColorsTuple,
  Button,
  Drawer,
  Menu,
  Modal,
  Paper,
  Progress,
  SegmentedControl,
  createTheme,
} from '@mantine/core';

/** The accent colour. White text on shade 7 has a contrast of 5.9:1, shade 4 on the dark surface has 6.5:1. */
const accent: MantineColorsTuple = [
  '#eef3ff',
  '#dde6fe',
  '#bccdfb',
  '#9ab2f8',
  '#82a0f5',
  '#5b80ec',
  '#456de3',
  '#345ad0',
  '#2b4cb3',
  '#223d91',
];

/** Greys of the light scheme, with a little of the accent's hue. */
const gray: MantineColorsTuple = [
  '#f7f8fb',
  '#eff1f6',
  '#e3e7ef',
  '#d2d8e3',
  '#b6bfce',
  '#8d98aa',
  '#667286',
  '#525d70',
  '#374151',
  '#1c2430',
];

/** Greys of the dark scheme, the lightest first. */
const dark: MantineColorsTuple = [
  '#dbe0ea',
  '#b3bccb',
  '#8e99ac',
  '#6b7689',
  '#3d4655',
  '#333b4a',
  '#272e3b',
  '#1c222d',
  '#141921',
  '#0e1218',
];

const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

export const theme = createTheme({
  colors: { accent, gray, dark },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 7 },
  fontFamily,
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "Noto Sans Mono CJK SC", monospace',
  headings: {
    fontFamily,
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.0625rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.3' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.35' },
    },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    // Otherwise their header element would count as another banner of the page.
    Drawer: Drawer.extend({ defaultProps: { attributes: { header: { role: 'none' } } } }),
    Modal: Modal.extend({ defaultProps: { attributes: { header: { role: 'none' } } } }),
    // Rendered within the page's main part, and without the placeholder, which a menu may not contain.
    Menu: Menu.extend({
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        portalProps: { target: '#main' },
        withInitialFocusPlaceholder: false,
      },
    }),
    Paper: Paper.extend({ defaultProps: { withBorder: true } }),
    Progress: Progress.extend({ defaultProps: { size: 'md' } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs' } }),
  },
});

/** Replaces colours of the library with a contrast below 4.5:1 for text or 3:1 for the edge of a control. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': gray[7],
    '--mantine-color-placeholder': gray[6],
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--page-background': gray[0],
    '--page-line': gray[2],
    '--page-control-line': gray[5],
    '--page-bar': accent[6],
    '--page-bar-below': gray[4],
    '--page-bar-track': gray[2],
    '--page-line-same': gray[5],
    '--page-up': accent[7],
    '--page-warning': '#8a4b00',
    '--page-part-1': '#d9822b',
    '--page-part-2': accent[3],
    '--page-part-3': accent[7],
    '--page-part-4': gray[5],
    '--page-part-5': gray[4],
  },
  dark: {
    '--mantine-color-dimmed': dark[1],
    '--mantine-color-placeholder': dark[2],
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-anchor': accent[4],
    '--page-background': dark[8],
    '--page-line': dark[5],
    '--page-control-line': dark[3],
    '--page-bar': accent[4],
    '--page-bar-below': dark[4],
    '--page-bar-track': dark[5],
    '--page-line-same': dark[3],
    '--page-up': accent[3],
    '--page-warning': '#f0b45f',
    '--page-part-1': '#e5a04b',
    '--page-part-2': accent[2],
    '--page-part-3': accent[5],
    '--page-part-4': dark[2],
    '--page-part-5': dark[4],
  },
});
