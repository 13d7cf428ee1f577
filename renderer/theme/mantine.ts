/** Mantine in the colours and sizes of tokens.css; no colour of its own is left. */
import {
  ActionIcon,
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Loader,
  type MantineColorsTuple,
  Menu,
  Modal,
  NativeSelect,
  NumberInput,
  Popover,
  Select,
  Slider,
  Switch,
  TextInput,
  Tooltip,
} from "@mantine/core";
import styles from "./mantine.module.css";

/** Mantine wants ten shades; the theme has one, which follows light and dark by itself. */
function oneShade(variable: string): MantineColorsTuple {
  const shade = `var(${variable})`;
  return [shade, shade, shade, shade, shade, shade, shade, shade, shade, shade];
}

/** Controls are 28 px high, or 24 as `size="xs"`. */
const heights = { size: "sm" } as const;
const input = {
  ...heights,
  classNames: { wrapper: styles.wrapper, input: styles.input, label: styles.label, description: styles.note },
};
const overlay = { shadow: "none", radius: "md", withinPortal: true } as const;
const closeButtonProps = { "aria-label": "Close" };
const fade = { transition: "fade", duration: 120 } as const;

export const theme = createTheme({
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  primaryColor: "accent",
  primaryShade: 5,
  autoContrast: false,
  respectReducedMotion: true,
  cursorType: "pointer",
  focusRing: "auto",
  colors: { accent: oneShade("--accent"), bad: oneShade("--bad"), ok: oneShade("--ok"), warn: oneShade("--warn") },
  defaultRadius: "sm",
  radius: { xs: "4px", sm: "5px", md: "6px", lg: "8px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  fontSizes: { xs: "11.5px", sm: "12.5px", md: "13px", lg: "15px", xl: "15px" },
  lineHeights: { xs: "16px", sm: "16px", md: "18px", lg: "20px", xl: "20px" },
  components: {
    Button: Button.extend({ defaultProps: { ...heights, variant: "default" }, classNames: { root: styles.button } }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: "subtle", size: 28 },
      classNames: { root: styles.action },
    }),
    TextInput: TextInput.extend({ defaultProps: heights, classNames: input.classNames }),
    NativeSelect: NativeSelect.extend({ defaultProps: heights, classNames: input.classNames }),
    NumberInput: NumberInput.extend({ defaultProps: heights, classNames: input.classNames }),
    Select: Select.extend({
      defaultProps: { ...heights, comboboxProps: { transitionProps: fade }, checkIconPosition: "right" },
      classNames: { ...input.classNames, dropdown: styles.dropdown, option: styles.item },
    }),
    Checkbox: Checkbox.extend({
      defaultProps: { size: "xs" },
      classNames: { input: styles.check, label: styles.checkLabel },
    }),
    Slider: Slider.extend({ defaultProps: { size: "sm" }, classNames: { root: styles.slider, thumb: styles.thumb } }),
    Switch: Switch.extend({ defaultProps: { size: "sm", withThumbIndicator: false } }),
    Menu: Menu.extend({
      defaultProps: { ...overlay, transitionProps: fade, offset: 4 },
      classNames: { dropdown: styles.dropdown, item: styles.item, label: styles.menuLabel },
    }),
    Popover: Popover.extend({
      defaultProps: { ...overlay, transitionProps: fade, offset: 4 },
      classNames: { dropdown: styles.dropdown },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: { transitionProps: fade, openDelay: 80, withinPortal: true },
      classNames: { tooltip: styles.tooltip },
    }),
    Modal: Modal.extend({
      defaultProps: {
        transitionProps: fade,
        overlayProps: { className: styles.veil },
        closeButtonProps,
        centered: true,
      },
      classNames: { content: styles.overlay, header: styles.overlayHead, title: styles.overlayTitle },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        transitionProps: fade,
        overlayProps: { className: styles.veil },
        closeButtonProps,
        position: "right",
      },
      classNames: { content: styles.drawer, header: styles.overlayHead, title: styles.overlayTitle },
    }),
    Loader: Loader.extend({ defaultProps: { size: 12 } }),
  },
});

const colours = {
  "--mantine-color-body": "var(--panel)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-bright": "var(--text)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-default": "var(--panel)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-disabled": "var(--sunken)",
  "--mantine-color-disabled-color": "var(--text-3)",
  "--mantine-color-disabled-border": "var(--line)",
  "--mantine-color-white": "var(--on-accent)",
  "--mantine-primary-color-filled": "var(--accent)",
  "--mantine-primary-color-filled-hover": "var(--accent)",
  "--mantine-primary-color-light": "var(--accent-weak)",
  "--mantine-primary-color-light-hover": "var(--accent-weak)",
  "--mantine-primary-color-light-color": "var(--accent)",
  "--mantine-primary-color-contrast": "var(--on-accent)",
  "--mantine-color-accent-filled": "var(--accent)",
  "--mantine-color-accent-filled-hover": "var(--accent)",
  "--mantine-color-accent-light": "var(--accent-weak)",
  "--mantine-color-accent-light-hover": "var(--accent-weak)",
  "--mantine-color-accent-light-color": "var(--accent)",
  "--mantine-color-accent-outline": "var(--accent)",
};

/** The same names in both themes: tokens.css already changes under them. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: colours, dark: colours });
