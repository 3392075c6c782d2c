import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, Locator, Page, test } from '@playwright/test';

import { open, root } from './browser';
import { Answers, BoardPanel } from './page/board';
import { built } from './setup';

/** A panel of a dashboard by its title. */
function panel(file: string, title: string): BoardPanel {
  const text = readFileSync(join(root, '..', 'dashboards', `${file}.json`), 'utf8');
  const found = JSON.parse(text).panels.find((p: BoardPanel) => p.title === title);
  expect(found, `${file}: ${title}`).toBeDefined();
  return found;
}

const drawn: Array<{ panel: BoardPanel; answers: Answers }> = [];
const draw = (file: string, title: string, answers: Answers = {}) => drawn.push({ panel: panel(file, title), answers });
const of = (job: string) => ({ cluster: 'prod', job });
const rows = (values: Record<string, number>) => Object.entries(values).map(([job, value]) => ({ labels: of(job), value }));

draw('fleet', 'Jobs, the worst first', {
  A: rows({ calm: 0, down: 4, late: 1, idle: 1 }),
  B: Object.entries({ calm: 'RUNNING', down: 'FAILED', late: 'RESTARTING' }).map(([job, state]) => ({
    labels: { ...of(job), state },
    value: 1,
  })),
  C: rows({ calm: 0.6, late: -0.1 }),
  E: rows({ calm: 2, late: 700 }),
  H: rows({ late: 1200 }),
});
const trend = (rule: string, job: string) => ({ rule, ...of(job), vertex: '', process: '' });
draw('forecast', 'Trends, the soonest breach first', {
  A: [
    { labels: trend('heap-after-gc', 'orders'), value: 90000 },
    { labels: trend('checkpoint-duration', 'orders'), value: 1300 },
  ],
  B: [{ labels: trend('checkpoint-duration', 'orders'), value: 900 }],
  D: [
    { labels: trend('heap-after-gc', 'orders'), value: 0 },
    { labels: trend('checkpoint-duration', 'orders'), value: 1 },
    { labels: trend('restarts', 'payments'), value: 1 },
  ],
});
draw('fleet', 'Clusters that do not answer');
draw('job', 'Wrong now');
draw('forecast', 'Next breach');
draw('job', 'State', {
  A: [
    { labels: { ...of('orders'), state: 'RUNNING' }, value: 1 },
    { labels: { ...of('payments'), state: 'RESTARTING' }, value: 1 },
    { labels: { ...of('returns'), state: 'FAILED' }, value: 1 },
  ],
});

/** The cells of a column, from the top. */
async function column(table: Locator, name: string): Promise<Locator[]> {
  const headers = await table.getByRole('columnheader').allInnerTexts();
  const at = headers.findIndex((text) => text.trim() === name);
  expect(at, `${name} in ${headers}`).toBeGreaterThanOrEqual(0);
  return table.locator(`[role="gridcell"][aria-colindex="${at + 1}"]`).all();
}

const texts = async (cells: Locator[]) => Promise.all(cells.map(async (c) => (await c.innerText()).trim()));
const background = (part: Locator) => part.evaluate((e) => getComputedStyle(e).backgroundColor);
const none = 'rgba(0, 0, 0, 0)';
const region = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true });

test('tables and stats of the dashboards', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 1200 });
  const faults = await open(page, 'boards', {}, { panels: drawn });
  await expect(page.getByRole('region')).toHaveCount(drawn.length);
  await page.screenshot({ path: join(built, 'boards.png') });

  const jobs = region(page, 'Jobs, the worst first');
  expect(await texts(await column(jobs, 'Job'))).toEqual(['down', 'late', 'idle', 'calm']);
  for (const name of ['Headroom', 'Lag', 'Next breach']) {
    const [down, late] = await column(jobs, name);
    expect(await background(down), `the ${name} of a job that is down is not known`).toBe(none);
    expect(await background(late)).not.toBe(none);
  }

  const states = await column(jobs, 'State');
  expect(await texts(states)).toEqual(['FAILED', 'RESTARTING', '', 'RUNNING']);
  const colours = await Promise.all([0, 1, 3].map((i) => states[i].evaluate((e) => getComputedStyle(e).color)));
  expect(new Set(colours).size, `${colours} tell the states apart`).toBe(3);

  const trends = region(page, 'Trends, the soonest breach first');
  expect(await texts(await column(trends, 'Rule'))).toEqual(['restarts', 'checkpoint-duration', 'heap-after-gc']);

  for (const [title, says] of [
    ['Clusters that do not answer', 'No data'],
    ['Wrong now', 'none known'],
    ['Next breach', 'none known'],
  ]) {
    const stat = region(page, title).locator('div').first();
    await expect(stat).toHaveText(says);
    const image = await stat.evaluate((e) => getComputedStyle(e).backgroundImage);
    expect(image.replaceAll(none, ''), `${title} has no colour`).not.toContain('rgb');
  }
  expect(faults).toEqual([]);
});
