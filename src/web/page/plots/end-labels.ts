export interface EndLabel {
  readonly text: string;
  readonly color: string;
  /** Where the line ends, in pixels. */
  readonly y: number;
}

/** Moves labels apart that would overlap, each as little as the order allows, and keeps them within the plot. */
export function spreadLabels(labels: readonly EndLabel[], height: number, top: number, bottom: number): EndLabel[] {
  const spread = [...labels].sort((a, b) => a.y - b.y);
  for (let index = 0; index < spread.length; index++) {
    const label = spread[index];
    const lowest = index === 0 ? top : spread[index - 1].y + height;
    spread[index] = { ...label, y: Math.max(label.y, lowest) };
  }
  for (let index = spread.length - 1; index >= 0; index--) {
    const label = spread[index];
    const highest = index === spread.length - 1 ? bottom : spread[index + 1].y - height;
    spread[index] = { ...label, y: Math.min(label.y, highest) };
  }
  return spread;
}
