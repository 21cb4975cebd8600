const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'discern-theme';

export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}

/** The style sheet follows the system where the root says nothing. */
export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export interface Colors {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly accent: string;
  readonly runs: readonly string[];
}

/** The system's wish. */
export const DARK = matchMedia('(prefers-color-scheme: dark)');

/** The colours of the style sheet for the canvas: the same object until the theme is another. */
export function createPalette(runs: number): () => Colors {
  let known: { readonly theme: string; readonly colors: Colors } | undefined;
  return () => {
    const theme = `${document.documentElement.dataset['theme'] ?? 'system'} ${String(DARK.matches)}`;
    if (known?.theme !== theme) known = { theme, colors: currentColors(runs) };
    return known.colors;
  };
}

function currentColors(runs: number): Colors {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: color('--text'),
    muted: color('--muted'),
    grid: color('--grid'),
    surface: color('--surface'),
    accent: color('--accent'),
    runs: Array.from({ length: runs }, (_, index) => color(`--run-${String(index)}`)),
  };
}
