// Every page: its address, its name, its icon, and the file that is loaded when it is opened.
import type { ComponentType } from 'preact';
import type { IconName } from '../parts/icons';
import { T } from '../text';

export interface Page {
  path: string;
  name: string;
  icon: IconName;
  group: 'work' | 'fleet' | 'watch' | 'control';
  /** Fills the whole view instead of being a document. */
  full?: boolean;
  load: () => Promise<{ default: ComponentType }>;
}

export const pages: readonly Page[] = [
  { path: '/', name: T.nav.overview, icon: 'overview', group: 'work', load: () => import('./overview') },
  { path: '/chat', name: T.nav.chat, icon: 'chat', group: 'work', full: true, load: () => import('./chat') },
  { path: '/sessions', name: T.nav.sessions, icon: 'sessions', group: 'work', load: () => import('./sessions') },
  { path: '/approvals', name: T.nav.approvals, icon: 'approvals', group: 'work', load: () => import('./approvals') },
  { path: '/agents', name: T.nav.agents, icon: 'agents', group: 'fleet', load: () => import('./agents') },
  { path: '/nodes', name: T.nav.nodes, icon: 'nodes', group: 'fleet', load: () => import('./nodes') },
  { path: '/gateways', name: T.nav.gateways, icon: 'gateways', group: 'fleet', load: () => import('./gateways') },
  { path: '/cron', name: T.nav.cron, icon: 'cron', group: 'fleet', load: () => import('./cron') },
  { path: '/channels', name: T.nav.channels, icon: 'channels', group: 'fleet', load: () => import('./channels') },
  { path: '/skills', name: T.nav.skills, icon: 'skills', group: 'fleet', load: () => import('./skills') },
  { path: '/logs', name: T.nav.logs, icon: 'logs', group: 'watch', full: true, load: () => import('./logs') },
  { path: '/stats', name: T.nav.stats, icon: 'stats', group: 'watch', load: () => import('./stats') },
  { path: '/config', name: T.nav.config, icon: 'config', group: 'control', load: () => import('./config') },
  { path: '/devices', name: T.nav.devices, icon: 'devices', group: 'control', load: () => import('./devices') },
  { path: '/security', name: T.nav.security, icon: 'security', group: 'control', load: () => import('./security') },
  { path: '/console', name: T.nav.console, icon: 'console', group: 'control', load: () => import('./console') },
  { path: '/about', name: T.nav.about, icon: 'about', group: 'control', load: () => import('./about') },
];

/** The page of an address. The gateway's own links say `/approve/<id>`. */
export function pageOf(path: string): Page | undefined {
  if (path.startsWith('/approve/')) return pages.find((page) => page.path === '/approvals');
  const plain = path.length > 1 ? path.replace(/\/+$/, '') : path;
  if (plain === '/overview' || plain === '/index.html') return pages[0];
  return pages.find((page) => page.path === plain);
}
