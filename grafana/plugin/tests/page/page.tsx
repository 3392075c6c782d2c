import React, { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createTheme, DataFrame, DataQueryRequest, DataSourceSettings, ThemeContext } from '@grafana/data';
import { FlameGraph } from '@grafana/flamegraph';
import { initPluginTranslations } from '@grafana/i18n';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { firstValueFrom } from 'rxjs';

import { ConfigEditor } from '../../src/components/ConfigEditor';
import { QueryEditor } from '../../src/components/QueryEditor';
import { VariableEditor } from '../../src/components/VariableEditor';
import { FlinkOptions, FlinkQuery, FlinkSecrets, VariableQuery } from '../../src/types';
import { Answers, BoardPanel, BoardView } from './board';
import { open, settings } from './grafana';

const theme = createTheme({ colors: { mode: 'dark' } });
const getTheme = () => theme;
const datasource = open();

declare global {
  interface Window {
    /** What the editor made last. */
    edited?: unknown;
    /** Draws the answer that has come; only with &wait. */
    draw?: () => void;
    /** How long the panel took, in milliseconds of the clock. */
    drawn?: { frames: number; milliseconds: number };
  }
}

/** The answer to a query, through the frontend of the data source. */
async function ask(query: FlinkQuery): Promise<DataFrame> {
  const request = { targets: [query], scopedVars: {}, range: undefined } as unknown as DataQueryRequest<FlinkQuery>;
  const answer = await firstValueFrom(datasource.query(request));
  if (answer.errors?.length) {
    throw new Error(answer.errors[0].message);
  }
  return answer.data[0];
}

/** Reports when the canvas of the flame graph has its first bar. */
function watch(begun: number, frames: number) {
  const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-testid="flameGraph"]');
  const pixel = canvas?.width ? canvas.getContext('2d')?.getImageData(8, 8, 1, 1).data : undefined;
  if (pixel?.[3]) {
    window.drawn = { frames, milliseconds: performance.now() - begun };
  } else {
    requestAnimationFrame(() => watch(begun, frames));
  }
}

function Panel({ query }: { query: FlinkQuery }) {
  const [frame, setFrame] = useState<DataFrame>();
  useEffect(() => {
    ask(query).then((answer) => {
      const draw = () => {
        const begun = performance.now();
        setFrame(answer);
        requestAnimationFrame(() => watch(begun, answer.length));
      };
      if (new URLSearchParams(location.search).has('wait')) {
        window.draw = draw;
      } else {
        draw();
      }
    });
  }, [query]);
  const notices = frame?.meta?.notices ?? [];
  return (
    <>
      {notices.map((n) => (
        <p key={n.text}>{n.text}</p>
      ))}
      {frame && <FlameGraph data={frame} getTheme={getTheme} showAnalyzeWithAssistant={false} />}
    </>
  );
}

function Query({ first, panel }: { first: FlinkQuery; panel: boolean }) {
  const [query, setQuery] = useState(first);
  const change = (next: FlinkQuery) => {
    window.edited = next;
    setQuery(next);
  };
  return (
    <>
      <QueryEditor datasource={datasource} query={query} onChange={change} onRunQuery={() => {}} />
      {panel && <Panel query={first} />}
    </>
  );
}

function Variable() {
  const [query, setQuery] = useState<VariableQuery>({ refId: 'Variable' });
  const change = async (next: VariableQuery) => {
    setQuery(next);
    window.edited = { query: next, values: await datasource.metricFindQuery(next) };
  };
  return <VariableEditor datasource={datasource} query={query} onChange={change} onRunQuery={() => {}} />;
}

type Options = DataSourceSettings<FlinkOptions, FlinkSecrets>;

function Config() {
  const [options, setOptions] = useState<Options>({
    id: 1,
    uid: settings.uid,
    name: settings.name,
    type: settings.type,
    access: 'proxy',
    readOnly: false,
    jsonData: settings.jsonData,
    url: 'http://flink-sidecar:8642',
    orgId: 1,
    typeName: settings.name,
    typeLogoUrl: '',
    user: '',
    database: '',
    basicAuth: true,
    basicAuthUser: 'grafana',
    isDefault: false,
    withCredentials: false,
    secureJsonFields: { token: true, basicAuthPassword: true },
  });
  const change = (next: Options) => {
    window.edited = next;
    setOptions(next);
  };
  return <ConfigEditor options={options} onOptionsChange={change} />;
}

/** Panels of dashboards, which the server of the page has with the answers to their queries. */
function Boards() {
  const [panels, setPanels] = useState<Array<{ panel: BoardPanel; answers: Answers }>>([]);
  useEffect(() => {
    fetch('/resources/panels').then(async (answer) => setPanels(await answer.json()));
  }, []);
  return (
    <>
      {panels.map(({ panel, answers }) => (
        <section key={panel.title} aria-label={panel.title}>
          <h6>{panel.title}</h6>
          <BoardView panel={panel} answers={answers} />
        </section>
      ))}
    </>
  );
}

/** What the address asks for: ?show=query&query={...}, ?show=panel&query={...}, ?show=boards, ?show=variable or ?show=config. */
function Page() {
  const asked = useMemo(() => new URLSearchParams(location.search), []);
  const query = useMemo<FlinkQuery>(() => ({ refId: 'A', ...JSON.parse(asked.get('query') ?? '{}') }), [asked]);
  switch (asked.get('show')) {
    case 'config':
      return <Config />;
    case 'variable':
      return <Variable />;
    case 'boards':
      return <Boards />;
    case 'panel':
      return <Panel query={query} />;
    default:
      return <Query first={query} panel={asked.has('panel')} />;
  }
}

initPluginTranslations(settings.type).then(() => {
  createRoot(document.getElementById('page')!).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Page />
      <PortalContainer />
    </ThemeContext.Provider>
  );
});
