import React, { ChangeEvent } from 'react';
import { InlineField, InlineSwitch, Input, SecretInput, SecretTextArea } from '@grafana/ui';
import { DataSourcePluginOptionsEditorProps } from '@grafana/data';

import { FlinkOptions, FlinkSecrets } from '../types';

type Props = DataSourcePluginOptionsEditorProps<FlinkOptions, FlinkSecrets>;

const LABEL_WIDTH = 24;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { jsonData, secureJsonFields, secureJsonData } = options;

  const own = (part: Partial<FlinkOptions>) => onOptionsChange({ ...options, jsonData: { ...jsonData, ...part } });
  const secret = (part: FlinkSecrets) =>
    onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, ...part } });
  const reset = (name: keyof FlinkSecrets) =>
    onOptionsChange({
      ...options,
      secureJsonFields: { ...secureJsonFields, [name]: false },
      secureJsonData: { ...secureJsonData, [name]: '' },
    });

  const pem = (name: keyof FlinkSecrets, label: string, begins: string) => (
    <InlineField label={label} labelWidth={LABEL_WIDTH} htmlFor={`flink-${name}`}>
      <SecretTextArea
        id={`flink-${name}`}
        isConfigured={Boolean(secureJsonFields?.[name])}
        placeholder={`-----BEGIN ${begins}-----`}
        onReset={() => reset(name)}
        onChange={(e) => secret({ [name]: e.currentTarget.value })}
        cols={58}
        rows={6}
      />
    </InlineField>
  );

  return (
    <>
      <InlineField label="URL" labelWidth={LABEL_WIDTH} tooltip="Address of the sidecar, as Grafana's server reaches it" htmlFor="flink-url">
        <Input
          id="flink-url"
          value={options.url}
          placeholder="http://flink-sidecar:8642"
          onChange={(e: ChangeEvent<HTMLInputElement>) => onOptionsChange({ ...options, url: e.target.value.trim() })}
          width={60}
        />
      </InlineField>
      <InlineField label="Page" labelWidth={LABEL_WIDTH} tooltip="Address of the sidecar's page, as people reach it; empty is the URL" htmlFor="flink-page">
        <Input
          id="flink-page"
          value={jsonData.externalUrl ?? ''}
          placeholder="the URL"
          onChange={(e: ChangeEvent<HTMLInputElement>) => own({ externalUrl: e.target.value.trim() })}
          width={60}
        />
      </InlineField>
      <InlineField label="Token" labelWidth={LABEL_WIDTH} tooltip="Sent as Authorization: Bearer, for a proxy that asks for it" htmlFor="flink-token">
        <SecretInput
          id="flink-token"
          isConfigured={Boolean(secureJsonFields?.token)}
          value={secureJsonData?.token ?? ''}
          placeholder="none"
          onReset={() => reset('token')}
          onChange={(e: ChangeEvent<HTMLInputElement>) => secret({ token: e.target.value })}
          width={60}
        />
      </InlineField>
      <InlineField label="User" labelWidth={LABEL_WIDTH} tooltip="For the basic authentication of web.config_file" htmlFor="flink-user">
        <Input
          id="flink-user"
          value={options.basicAuthUser ?? ''}
          placeholder="none"
          onChange={(e: ChangeEvent<HTMLInputElement>) =>
            onOptionsChange({ ...options, basicAuthUser: e.target.value, basicAuth: e.target.value !== '' })
          }
          width={60}
        />
      </InlineField>
      {options.basicAuth && (
        <InlineField label="Password" labelWidth={LABEL_WIDTH} htmlFor="flink-password">
          <SecretInput
            id="flink-password"
            isConfigured={Boolean(secureJsonFields?.basicAuthPassword)}
            value={secureJsonData?.basicAuthPassword ?? ''}
            onReset={() => reset('basicAuthPassword')}
            onChange={(e: ChangeEvent<HTMLInputElement>) => secret({ basicAuthPassword: e.target.value })}
            width={60}
          />
        </InlineField>
      )}
      <InlineField label="Own CA certificate" labelWidth={LABEL_WIDTH} tooltip="The sidecar's certificate is signed by a CA of yours" htmlFor="flink-ca">
        <InlineSwitch
          id="flink-ca"
          value={Boolean(jsonData.tlsAuthWithCACert)}
          onChange={(e) => own({ tlsAuthWithCACert: e.currentTarget.checked })}
        />
      </InlineField>
      {jsonData.tlsAuthWithCACert && pem('tlsCACert', 'CA certificate', 'CERTIFICATE')}
      <InlineField label="Client certificate" labelWidth={LABEL_WIDTH} tooltip="The sidecar asks for one: client_auth_type of its web.config_file" htmlFor="flink-client">
        <InlineSwitch
          id="flink-client"
          value={Boolean(jsonData.tlsAuth)}
          onChange={(e) => own({ tlsAuth: e.currentTarget.checked })}
        />
      </InlineField>
      {jsonData.tlsAuth && pem('tlsClientCert', 'Certificate', 'CERTIFICATE')}
      {jsonData.tlsAuth && pem('tlsClientKey', 'Key', 'PRIVATE KEY')}
      {(jsonData.tlsAuth || jsonData.tlsAuthWithCACert) && (
        <InlineField label="Server name" labelWidth={LABEL_WIDTH} tooltip="A name in the sidecar's certificate; empty is that of the URL" htmlFor="flink-server">
          <Input
            id="flink-server"
            value={jsonData.serverName ?? ''}
            placeholder="that of the URL"
            onChange={(e: ChangeEvent<HTMLInputElement>) => own({ serverName: e.target.value.trim() })}
            width={60}
          />
        </InlineField>
      )}
      <InlineField label="Skip TLS verification" labelWidth={LABEL_WIDTH} tooltip="Anybody on the way can then read the token" htmlFor="flink-skip">
        <InlineSwitch
          id="flink-skip"
          value={Boolean(jsonData.tlsSkipVerify)}
          onChange={(e) => own({ tlsSkipVerify: e.currentTarget.checked })}
        />
      </InlineField>
    </>
  );
}
