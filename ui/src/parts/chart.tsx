// A chart by uPlot, in the colours of the page.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import '../style/chart.css';
import { theme } from './theme';

export interface Line {
  label: string;
  /** A word of the design. */
  colour: string;
  values: readonly (number | null | undefined)[];
  bars?: boolean;
}

export function Chart({ at, lines, format, label, height = 190, byDay, from, to }: {
  /** Milliseconds since the epoch. */
  at: readonly number[]; lines: readonly Line[]; format: (value: number) => string; label: string; height?: number; byDay?: boolean;
  /** What the time axis shows, whether anything is known of it or not. */
  from?: number; to?: number;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = useRef<readonly [number, number] | undefined>(undefined);
  shown.current = from === undefined || to === undefined ? undefined : [from / 1000, to / 1000];
  const look = theme.value;
  const shape = lines.map((line) => `${line.label} ${line.colour}`).join();
  const data = (): uPlot.AlignedData => [at.map((ms) => ms / 1000), ...lines.map((line) => line.values.map((value) => value ?? null))] as uPlot.AlignedData;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // What light-dark() comes to is told by the browser alone, so a colour is read off an element that has it.
    const probe = document.createElement('i');
    element.append(probe);
    const colour = (name: string) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const faded = (name: string) => colour(name).replace(/^rgb\((.*)\)$/, 'rgba($1, 0.14)');
    const axis = { stroke: colour('soft'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    const bars = uPlot.paths.bars?.({ size: [0.62, 40], radius: 0.15 });
    const made = new uPlot({
      width: element.clientWidth, height, padding: [10, 10, 0, 0],
      cursor: { y: false, points: { size: 6 } },
      legend: { show: true, live: true },
      series: [
        { value: (_self, seconds) => (seconds === null ? '–' : byDay ? new Date(seconds * 1000).toLocaleDateString(undefined, { weekday: 'short', month: 'short', day: 'numeric' }) : new Date(seconds * 1000).toLocaleTimeString()) },
        ...lines.map((line) => ({
          label: line.label, stroke: colour(line.colour), width: line.bars ? 0 : 1.6, fill: line.bars ? colour(line.colour) : faded(line.colour), points: { show: false },
          ...(line.bars && bars ? { paths: bars } : {}), value: (_self: uPlot, value: number | null) => (value === null ? '–' : format(value)),
        })),
      ],
      axes: [
        { ...axis, space: 70, ...(byDay ? { values: (_self, times) => times.map((seconds) => new Date(seconds * 1000).toLocaleDateString(undefined, { month: 'short', day: 'numeric' })) } : { values: (_self, times) => times.map((seconds) => new Date(seconds * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', ...(shown.current ? {} : { second: '2-digit' }) })) }) },
        { ...axis, size: 58, values: (_self, values) => values.map(format) },
      ],
      scales: { ...(shown.current ? { x: { range: (): uPlot.Range.MinMax => [...(shown.current ?? [0, 1])] } } : {}), y: { range: (_self, _least, most) => [0, Math.max(most * 1.1, 1e-6)] } },
    }, data(), element);
    probe.remove();
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, look, height]);
  useEffect(() => plot.current?.setData(data()), [at, lines]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}
