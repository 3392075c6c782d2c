import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Page } from '@playwright/test';

import { FlinkQuery } from '../src/types';
import { built, frames } from './setup';

export const root = join(__dirname, '..');
export const lists: Record<string, string[]> = {
  clusters: ['prod', 'test'],
  jobs: ['orders', 'payments "eu", ü'],
  modes: ['ITIMER', 'WALL'],
};

/** The file of the answer of the backend to a query. */
function answer(query: FlinkQuery): string {
  return query.hash ?? (query.job === 'another' ? 'no profile' : (query.queryType ?? ''));
}

/** Serves the page in the place of Grafana, and opens it; more are further lists. Errors in the page fail the test. */
export async function open(page: Page, show: string, query: Partial<FlinkQuery> = {}, more: Record<string, unknown> = {}) {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.route('**/*', async (route) => {
    const address = new URL(route.request().url()).pathname;
    const pathname = address === '/' ? '/index.html' : address;
    const resource = pathname.split('/resources/')[1];
    if (pathname === '/api/ds/query') {
      const [asked] = route.request().postDataJSON().queries;
      const frame = readFileSync(join(frames, `${answer(asked)}.json`), 'utf8');
      return route.fulfill({ contentType: 'application/json', body: `{"results":{"A":${frame}}}` });
    }
    if (resource) {
      return route.fulfill({ json: more[resource] ?? lists[resource] ?? [] });
    }
    const files = [
      join(built, pathname),
      join(root, 'tests', 'page', pathname),
      join(root, 'node_modules', '@grafana', 'ui', 'dist', pathname.replace('/build/', '/')),
    ];
    const path = files.find(existsSync);
    return path ? route.fulfill({ path }) : route.fulfill({ status: 404 });
  });
  await page.goto(`http://grafana.test/?show=${show}&query=${encodeURIComponent(JSON.stringify(query))}`);
  return faults;
}

/** Keeps a picture; with SCREENSHOTS=1 also as the one that the plugin shows of itself. */
export async function picture(page: Page, name: string) {
  const folder = process.env.SCREENSHOTS ? join(root, 'src', 'img') : join(root, 'build', 'tests');
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
