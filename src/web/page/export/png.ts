import type { Line } from '../plots/plot.js';
import type { Colors } from '../theme.js';

export interface Picture {
  /** The plot as it stands on the page. */
  readonly plot: HTMLCanvasElement;
  readonly title: string;
  readonly lines: readonly Pick<Line, 'name' | 'color' | 'dash'>[];
  readonly colors: Colors;
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const MARGIN = 16;
const TITLE_HEIGHT = 30;
const ROW_HEIGHT = 20;
const SAMPLE = 24;

/** The plot with a title above and a legend below, at the resolution of the screen. */
export function pictureOf({ plot, title, lines, colors }: Picture): Promise<Blob> {
  const scale = devicePixelRatio;
  const width = plot.width / scale + 2 * MARGIN;
  const context = document.createElement('canvas').getContext('2d')!;
  const entries = legend(context, lines, width - 2 * MARGIN);
  const rows = Math.max(0, ...entries.map(({ row }) => row + 1));
  const plotHeight = plot.height / scale;
  const { canvas } = context;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round((TITLE_HEIGHT + plotHeight + rows * ROW_HEIGHT + 2 * MARGIN) * scale);
  context.scale(scale, scale);
  context.fillStyle = colors.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'middle';
  context.fillStyle = colors.text;
  context.font = `600 15px ${FONT}`;
  context.fillText(title, MARGIN, MARGIN + 8, width - 2 * MARGIN);
  context.drawImage(plot, MARGIN, MARGIN + TITLE_HEIGHT, width - 2 * MARGIN, plotHeight);
  const top = MARGIN + TITLE_HEIGHT + plotHeight + ROW_HEIGHT / 2 + 4;
  for (const entry of entries) drawEntry(context, entry, top, colors);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('the plot is too large for a picture')) : resolve(blob)));
  });
}

interface Entry {
  readonly line: Picture['lines'][number];
  readonly left: number;
  readonly row: number;
}

/** Names of the lines in rows as wide as the plot. */
function legend(context: CanvasRenderingContext2D, lines: Picture['lines'], width: number): readonly Entry[] {
  context.font = `12px ${FONT}`;
  let left = 0;
  let row = 0;
  return lines.map((line) => {
    const size = SAMPLE + 8 + context.measureText(line.name).width + 20;
    if (left > 0 && left + size > width) [left, row] = [0, row + 1];
    const entry = { line, left, row };
    left += size;
    return entry;
  });
}

function drawEntry(context: CanvasRenderingContext2D, { line, left, row }: Entry, top: number, colors: Colors): void {
  const [x, y] = [MARGIN + left, top + row * ROW_HEIGHT];
  context.strokeStyle = line.color;
  context.lineWidth = 2;
  context.setLineDash([...line.dash]);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + SAMPLE, y);
  context.stroke();
  context.fillStyle = colors.text;
  context.font = `12px ${FONT}`;
  context.fillText(line.name, x + SAMPLE + 8, y);
}
