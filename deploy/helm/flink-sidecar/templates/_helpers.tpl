{{- define "flink-sidecar.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "flink-sidecar.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "flink-sidecar.labels" -}}
{{ include "flink-sidecar.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "flink-sidecar.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "flink-sidecar.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "flink-sidecar.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The configuration, with the names by which other pods reach the service, beside those that it has. */}}
{{- define "flink-sidecar.config" -}}
{{- $name := include "flink-sidecar.fullname" . -}}
{{- $inNamespace := printf "%s.%s" $name .Release.Namespace -}}
{{- $names := list $name $inNamespace (printf "%s.svc" $inNamespace) (printf "%s.svc.cluster.local" $inNamespace) -}}
{{- $config := deepCopy .Values.config -}}
{{- $web := default (dict) (get $config "web") -}}
{{- $_ := set $web "allowed_hosts" (concat (default (list) (get $web "allowed_hosts")) $names | uniq) -}}
{{- $_ := set $config "web" $web -}}
{{- toYaml $config -}}
{{- end -}}

{{/* The name of a CronJob has at most 52 characters. */}}
{{- define "flink-sidecar.evaluateName" -}}
{{- include "flink-sidecar.fullname" . | trunc 43 | trimSuffix "-" }}-evaluate
{{- end -}}

{{/* The configuration of the CronJob: that of the sidecar with what evaluate adds to it. */}}
{{- define "flink-sidecar.evaluateConfig" -}}
{{- $config := mustMergeOverwrite (include "flink-sidecar.config" . | fromYaml) (deepCopy .Values.evaluate.config) -}}
{{- if .Values.evaluate.promptTemplate -}}
{{- $advisor := default (dict) (get $config "advisor") -}}
{{- $_ := set $config "advisor" (set $advisor "prompt_template_file" "prompt.tmpl") -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Not empty if the CronJob has a configuration of its own. */}}
{{- define "flink-sidecar.evaluateOwnConfig" -}}
{{- if or .Values.evaluate.promptTemplate .Values.evaluate.config -}}
{{- if .Values.existingConfigMap -}}
{{- fail "evaluate.promptTemplate and evaluate.config need config: with existingConfigMap, put sidecar.yml for evaluate and its prompt into evaluate.existingConfigMap" -}}
{{- end -}}
{{- if .Values.evaluate.existingConfigMap -}}
{{- fail "set evaluate.existingConfigMap, or evaluate.promptTemplate and evaluate.config, but not both" -}}
{{- end -}}
true
{{- end -}}
{{- end -}}

{{- define "flink-sidecar.evaluateConfigMap" -}}
{{- if include "flink-sidecar.evaluateOwnConfig" . -}}
{{- include "flink-sidecar.evaluateName" . }}
{{- else -}}
{{- coalesce .Values.evaluate.existingConfigMap .Values.existingConfigMap (include "flink-sidecar.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* Not empty if Prometheus evaluates the trends. With alerts.delivery push the sidecar does, and
each trend would be reported twice. */}}
{{- define "flink-sidecar.trendsInPrometheus" -}}
{{- $delivery := dig "alerts" "delivery" "push" .Values.config -}}
{{- if .Values.existingConfigMap -}}
{{- if .Values.prometheusRule.trends }}true{{ end -}}
{{- else if eq $delivery "prometheus" -}}
true
{{- else if .Values.prometheusRule.trends -}}
{{- fail "prometheusRule.trends needs config.alerts.delivery: prometheus, or each trend is reported twice" -}}
{{- end -}}
{{- end -}}

{{/* 85 % of the memory limit of resources in bytes, as the soft limit of the Go runtime: the rest is what
the runtime does not count. Empty without a limit. key names the resources in a fault. */}}
{{- define "flink-sidecar.goMemoryLimit" -}}
{{- $limit := dig "limits" "memory" "" (default (dict) .resources) | toString -}}
{{- if $limit -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- $unit := regexFind "[A-Za-z]*$" $limit -}}
{{- if not (hasKey $units $unit) -}}
{{- fail (printf "%s.limits.memory: %s has an unknown unit (use Mi or Gi)" .key $limit) -}}
{{- end -}}
{{- mulf (trimSuffix $unit $limit | float64) (get $units $unit) 0.85 | floor | int64 -}}
{{- end -}}
{{- end -}}

{{/* What the pods of the Deployment and of the CronJob have in common. */}}
{{- define "flink-sidecar.podCommon" -}}
serviceAccountName: {{ include "flink-sidecar.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What the containers of both have in common. root is the top of the chart, resources are those of the
container, and key is their name in the values. */}}
{{- define "flink-sidecar.containerCommon" -}}
{{- $values := .root.Values -}}
image: {{ include "flink-sidecar.image" .root | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
env:
  {{- with include "flink-sidecar.goMemoryLimit" . }}
  - {name: GOMEMLIMIT, value: {{ . | quote }}}
  {{- end }}
  {{- with $values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
securityContext:
  {{- toYaml $values.securityContext | nindent 2 }}
resources:
  {{- toYaml .resources | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/flink-sidecar/config, readOnly: true}
  {{- if $values.existingSecret }}
  - {name: secrets, mountPath: /etc/flink-sidecar/secrets, readOnly: true}
  {{- end }}
  - {name: data, mountPath: /data}
  - {name: tmp, mountPath: /tmp}
  {{- with $values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "flink-sidecar.volumesCommon" -}}
{{- if .Values.existingSecret }}
- name: secrets
  secret: {secretName: {{ .Values.existingSecret }}, defaultMode: 0440}
{{- end }}
- name: tmp
  emptyDir: {}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
