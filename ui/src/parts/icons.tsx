// Line icons, 24 units wide, drawn for this page.
const paths = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 4v3h6V4z',
  chat: 'M4 5h16v11H9l-5 4z',
  sessions: 'M4 6h16M4 12h16M4 18h10',
  approvals: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4',
  agents: 'M8 8h8v3a4 4 0 0 1-8 0zM12 4v4M5 20c1-3 4-4 7-4s6 1 7 4',
  nodes: 'M4 5h16v10H4zM9 19h6M12 15v4',
  gateways: 'M4 4h16v6H4zM4 14h16v6H4zM7 7v.01M7 17v.01M11 7h6M11 17h6',
  cron: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2',
  channels: 'M5 9h14M5 15h14M10 4L8 20M16 4l-2 16',
  skills: 'M12 3l2.5 6 6.5.5-5 4 1.7 6.5L12 16.5 6.3 20 8 13.5l-5-4L9.500 9z',
  logs: 'M5 4h14v16H5zM8 8h8M8 12h8M8 16h5',
  stats: 'M4 20V4M4 20h16M8 16l3-5 3 3 5-8',
  config: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5',
  devices: 'M4 5h12v9H4zM2 18h10M17 9h4v10h-4z',
  security: 'M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5zM12 15v2',
  console: 'M4 5h16v14H4zM7 9l3 3-3 3M13 15h4',
  about: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 11v5M12 8v.01',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M16 16l4 4',
  more: 'M5 12v.01M12 12v.01M19 12v.01',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 13l4 4L19 7',
  warn: 'M12 4l9 16H3zM12 10v4M12 17v.01',
  send: 'M5 12h13M12 5l7 7-7 7',
  stop: 'M7 7h10v10H7z',
  attach: 'M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7',
  down: 'M6 9l6 6 6-6',
  right: 'M9 6l6 6-6 6',
  left: 'M15 6l-6 6 6 6',
  plus: 'M12 5v14M5 12h14',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  refresh: 'M19 12a7 7 0 1 1-2-5M19 4v4h-4',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  edit: 'M4 20l1-4L16 5l3 3L8 19z',
  undo: 'M8 5L4 9l4 4M4 9h9a6 6 0 0 1 0 12H9',
  tool: 'M14 6a4 4 0 0 0 4 5l2-2a5 5 0 0 1-7 5l-6 6-3-3 6-6a5 5 0 0 1 5-7z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5',
  moon: 'M19 14A8 8 0 0 1 10 5a7.500 7.500 0 1 0 9 9z',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12l8-8M16 7l3 3',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width={name === 'more' ? 3 : 1.7} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
