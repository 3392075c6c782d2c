import React, { ComponentProps } from 'react';
import { fireEvent, render, screen } from '@testing-library/react';

import { ConfigEditor } from './ConfigEditor';

type Options = ComponentProps<typeof ConfigEditor>['options'];

function show(part: Partial<Options> = {}) {
  const onOptionsChange = jest.fn();
  const options = { url: '', jsonData: {}, secureJsonFields: {}, ...part } as Options;
  render(<ConfigEditor options={options} onOptionsChange={onOptionsChange} />);
  return onOptionsChange;
}

describe('ConfigEditor', () => {
  it('stores the URL without blanks', () => {
    const changed = show();
    fireEvent.change(screen.getByLabelText('URL'), { target: { value: ' http://sidecar:8642 ' } });
    expect(changed).toHaveBeenCalledWith(expect.objectContaining({ url: 'http://sidecar:8642' }));
  });

  it('stores the token as a secret only', () => {
    const changed = show();
    fireEvent.change(screen.getByLabelText('Token'), { target: { value: 'abc' } });
    const stored = changed.mock.calls[0][0];
    expect(stored.secureJsonData).toEqual({ token: 'abc' });
    expect(JSON.stringify(stored.jsonData)).not.toContain('abc');
  });

  it('takes a client certificate, its key as a secret only', () => {
    const changed = show({ jsonData: { tlsAuth: true } });
    fireEvent.change(screen.getByLabelText('Key'), { target: { value: 'pem' } });
    const stored = changed.mock.calls[0][0];
    expect(stored.secureJsonData).toEqual({ tlsClientKey: 'pem' });
    expect(JSON.stringify(stored.jsonData)).not.toContain('pem');
    fireEvent.change(screen.getByLabelText('Server name'), { target: { value: 'sidecar ' } });
    expect(changed.mock.lastCall[0].jsonData).toEqual({ tlsAuth: true, serverName: 'sidecar' });
  });

  it('asks for no client certificate where none is wanted', () => {
    show();
    expect(screen.queryByLabelText('Key')).toBeNull();
    expect(screen.queryByLabelText('Server name')).toBeNull();
  });

  it('asks for a password once there is a user', () => {
    const changed = show();
    expect(screen.queryByLabelText('Password')).toBeNull();
    fireEvent.change(screen.getByLabelText('User'), { target: { value: 'grafana' } });
    expect(changed).toHaveBeenCalledWith(expect.objectContaining({ basicAuth: true, basicAuthUser: 'grafana' }));
  });

  it('shows the password of a user', () => {
    show({ basicAuth: true, basicAuthUser: 'grafana' });
    expect(screen.getByLabelText('Password')).toBeInTheDocument();
  });
});
