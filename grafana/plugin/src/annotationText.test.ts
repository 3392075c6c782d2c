import { textUtil } from '@grafana/data';

/** As grafana/text.go of the sidecar writes annotations; Grafana's tooltip shows what this leaves. */
const text =
  'lag passes 60 s in 22 min<br>First: &lt;b&gt;TTL&lt;/b&gt; &amp; Foo.&lt;init&gt;' +
  '<br><a href="https://flink.example/episodes/01J?a=1&amp;b=2" target="_blank">Evidence</a>';

describe('the text of an annotation', () => {
  it('keeps its lines and its link in Grafana', () => {
    const shown = document.createElement('div');
    shown.innerHTML = textUtil.sanitize(text);
    expect(shown.querySelectorAll('br')).toHaveLength(2);
    expect(shown.querySelector('a')?.getAttribute('href')).toBe('https://flink.example/episodes/01J?a=1&b=2');
    expect(shown.querySelector('b')).toBeNull();
    expect(shown.textContent).toContain('First: <b>TTL</b> & Foo.<init>');
  });
});
