import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CDPSession, expect, Page, test } from '@playwright/test';

import { lists, open, picture } from './browser';
import { built } from './setup';

const drawn = (page: Page) => page.waitForFunction(() => window.drawn).then((handle) => handle.jsonValue());

test('the query editor', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 420 });
  const faults = await open(page, 'query', { queryType: 'episodes', cluster: 'prod' });
  await page.getByLabel('Job').click();
  await expect(page.getByRole('option')).toHaveText(lists.jobs);
  await page.getByRole('option').nth(1).click();
  expect(await page.evaluate(() => window.edited)).toMatchObject({ cluster: 'prod', job: lists.jobs[1] });
  await page.getByLabel('Show').click();
  await expect(page.getByRole('option').first()).toContainText('Episodes');
  await picture(page, 'query-editor');
  expect(faults).toEqual([]);
});

test('the editor of a variable', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 420 });
  const faults = await open(page, 'variable');
  await expect(page.getByLabel('Values')).toHaveValue('Jobs');
  await page.getByLabel('Values').click();
  await page.getByRole('option', { name: 'Profiling modes' }).click();
  await page.getByLabel('Job').click();
  await page.getByRole('option', { name: lists.jobs[1] }).click();
  await expect.poll(() => page.evaluate(() => window.edited)).toMatchObject({
    query: { list: 'modes', job: lists.jobs[1] },
    values: lists.modes.map((text) => ({ text })),
  });
  await page.screenshot({ path: join(built, 'variable-editor.png') });
  expect(faults).toEqual([]);
});

test('a query that is not complete', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 240 });
  const faults = await open(page, 'query', { queryType: 'logs' });
  await expect(page.getByRole('alert')).toHaveText('Episode is empty: choose one');
  await page.screenshot({ path: join(built, 'incomplete.png') });
  expect(faults).toEqual([]);
});

test('the configuration editor', async ({ page }) => {
  await page.setViewportSize({ width: 820, height: 810 });
  const faults = await open(page, 'config');
  await page.getByLabel('Own CA certificate').check({ force: true });
  await page.getByLabel('Client certificate').check({ force: true });
  const pem = (kind: string) => `-----BEGIN ${kind}-----`;
  await page.getByLabel('CA certificate', { exact: true }).fill(pem('CERTIFICATE'));
  await page.getByLabel('Certificate', { exact: true }).fill(pem('CERTIFICATE'));
  await page.getByLabel('Key', { exact: true }).fill(pem('PRIVATE KEY'));
  await page.getByLabel('Server name').fill('flink-sidecar.internal');
  expect(await page.evaluate(() => window.edited)).toMatchObject({
    jsonData: { tlsAuthWithCACert: true, tlsAuth: true, serverName: 'flink-sidecar.internal' },
    secureJsonData: { tlsCACert: pem('CERTIFICATE'), tlsClientCert: pem('CERTIFICATE'), tlsClientKey: pem('PRIVATE KEY') },
  });
  const last = page.getByLabel('Skip TLS verification');
  await expect(last).not.toBeChecked();
  await page.mouse.click(5, 5); // no field is in focus
  await picture(page, 'config-editor');
  const box = await last.boundingBox();
  expect(box!.y + box!.height).toBeLessThan(810); // the picture has all fields
  expect(faults).toEqual([]);
});

test('a flame graph below its query', async ({ page }) => {
  const faults = await open(page, 'query&panel', { queryType: 'flamegraph', cluster: 'prod', job: 'orders' });
  expect((await drawn(page))!.frames).toBeGreaterThan(100);
  await expect(page.getByText('samples').first()).toBeVisible();
  await expect(page.getByText('PojoSerializer').first()).toBeVisible();
  await picture(page, 'flame-graph');
  expect(faults).toEqual([]);
});

test('the comparison of two profiles', async ({ page }) => {
  const faults = await open(page, 'query&panel', { queryType: 'diff', cluster: 'prod', job: 'orders' });
  await drawn(page);
  await expect(page.getByText('Baseline').first()).toBeVisible();
  await picture(page, 'diff');
  expect(faults).toEqual([]);
});

/** How many milliseconds the page's own thread has computed: other programs have no part in it. */
async function computed(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find((m) => m.name === 'TaskDuration')?.value ?? NaN);
}

/** Draws the largest flame graph in a new page: how long its thread computed, and the clock. */
async function drawLargest(page: Page) {
  const faults = await open(page, 'panel&wait', { queryType: 'flamegraph', hash: 'large', frames: 100_000 });
  await page.waitForFunction(() => window.draw);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await computed(session);
  await page.evaluate(() => window.draw!());
  const { frames, milliseconds } = (await drawn(page))!;
  const own = (await computed(session)) - before;
  console.log(`${frames} frames: ${Math.round(own)} ms of computing, ${Math.round(milliseconds)} ms of the clock`);
  expect(frames).toBeGreaterThan(50_000);
  expect(faults).toEqual([]);
  return { own, clock: milliseconds };
}

/** FIGURES names a file for the times of several runs, which make plugin-figures reads. */
const figures = process.env.FIGURES;

test('50,000 frames are drawn within a second', async ({ page, context }) => {
  test.setTimeout(figures ? 900_000 : 120_000);
  const times = [await drawLargest(page)];
  expect(times[0].own).toBeLessThan(1000);
  for (let i = 0; figures && i < 4; i++) {
    const fresh = await context.newPage();
    times.push(await drawLargest(fresh));
    await fresh.close();
  }
  if (figures) {
    const drawn = { Computed: times.map(({ own }) => own), Passed: times.map(({ clock }) => clock) };
    writeFileSync(figures, JSON.stringify({ drawn }));
  }
});

for (const [name, query, says] of [
  ['a profile without samples', { hash: 'empty' }, '0 samples'],
  ['no profile', { job: 'another' }, 'There is no profile in this time range.'],
] as const) {
  test(`${name} does not break the panel`, async ({ page }) => {
    const faults = await open(page, 'panel', { queryType: 'flamegraph', ...query });
    await expect(page.getByText(says).first()).toBeVisible();
    await expect(page.locator('canvas')).toBeVisible();
    expect(faults).toEqual([]);
  });
}
