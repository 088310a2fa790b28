{{- define "sre-ingest.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/*
52 characters: Kubernetes appends a hash of ten and a dash to a StatefulSet's name, and the sum must fit a label (63).
No dots: a release's name may have them, a Service's may not.
*/}}
{{- define "sre-ingest.fullname" -}}
{{- $name := include "sre-ingest.name" . -}}
{{- $ours := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $ours | replace "." "-" | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "sre-ingest.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sre-ingest.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/*
The labels of a resource: (list $ further). Ours win over the further ones, those over commonLabels, so that no value
can separate the pods from their selector.
*/}}
{{- define "sre-ingest.labels" -}}
{{- $root := first . -}}
{{- $labels := merge (include "sre-ingest.selectorLabels" $root | fromYaml) (dict
      "app.kubernetes.io/version" $root.Chart.AppVersion
      "app.kubernetes.io/managed-by" $root.Release.Service
      "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_")
    ) (last . | default dict) ($root.Values.commonLabels | default dict) -}}
{{- toYaml $labels -}}
{{- end -}}

{{- define "sre-ingest.image" -}}
{{- with .Values.image -}}
{{- ternary (printf "%s@%s" .repository .digest) (printf "%s:%s" .repository (.tag | default $.Chart.AppVersion))
      (not (empty .digest)) -}}
{{- end -}}
{{- end -}}

{{/*
The settings as the gateway reads them from its environment. What is empty is left out: it would count as a value.
*/}}
{{- define "sre-ingest.settings" -}}
SRE_INGEST_AUTH__BEARER_TOKEN_FILE: {{ printf "/etc/sre-ingest/auth/%s" .Values.auth.tokenKey | quote }}
SRE_INGEST_HTTP__DRAIN_PAUSE: 10s
SRE_INGEST_DATA_DIR: /var/lib/sre-ingest
SRE_INGEST_INSTANCE: {{ .Values.instance | quote }}
SRE_INGEST_TENANT: {{ .Values.tenant | quote }}
SRE_INGEST_SPOOL__MAX_BYTES: {{ .Values.spool.maxBytes | quote }}
SRE_INGEST_QUARANTINE__MAX_BYTES: {{ .Values.quarantine.maxBytes | quote }}
{{- with .Values.quarantine.topic }}
SRE_INGEST_QUARANTINE__TOPIC: {{ . | quote }}
{{- end }}
{{- if .Values.mappings.existingConfigMap }}
SRE_INGEST_MAPPINGS_DIR: /etc/sre-ingest/mappings
{{- end }}
{{- with .Values.kafka }}
SRE_INGEST_KAFKA__BOOTSTRAP_SERVERS: {{ .bootstrapServers | quote }}
SRE_INGEST_KAFKA__TOPIC: {{ .topic | quote }}
SRE_INGEST_KAFKA__SECURITY_PROTOCOL: {{ .securityProtocol }}
{{- with .sasl }}
{{- if .existingSecret }}
SRE_INGEST_KAFKA__SASL_MECHANISM: {{ .mechanism }}
SRE_INGEST_KAFKA__SASL_USERNAME: {{ .username | quote }}
SRE_INGEST_KAFKA__SASL_PASSWORD_FILE: {{ printf "/etc/sre-ingest/kafka-sasl/%s" .passwordKey | quote }}
{{- end }}
{{- end }}
{{- with .tls.ca }}
{{- if .existingSecret }}
SRE_INGEST_KAFKA__SSL_CAFILE: {{ printf "/etc/sre-ingest/kafka-ca/%s" .key | quote }}
{{- end }}
{{- end }}
{{- with .tls.client }}
{{- if .existingSecret }}
SRE_INGEST_KAFKA__SSL_CERTFILE: {{ printf "/etc/sre-ingest/kafka-client/%s" .certKey | quote }}
SRE_INGEST_KAFKA__SSL_KEYFILE: {{ printf "/etc/sre-ingest/kafka-client/%s" .keyKey | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The Secrets that become files: the name of the folder under /etc/sre-ingest, the Secret, its keys.
*/}}
{{- define "sre-ingest.secrets" -}}
- {folder: auth, secret: {{ .Values.auth.existingSecret | quote }}, keys: [{{ .Values.auth.tokenKey | quote }}]}
{{- with .Values.kafka.sasl }}
{{- if .existingSecret }}
- {folder: kafka-sasl, secret: {{ .existingSecret | quote }}, keys: [{{ .passwordKey | quote }}]}
{{- end }}
{{- end }}
{{- with .Values.kafka.tls.ca }}
{{- if .existingSecret }}
- {folder: kafka-ca, secret: {{ .existingSecret | quote }}, keys: [{{ .key | quote }}]}
{{- end }}
{{- end }}
{{- with .Values.kafka.tls.client }}
{{- if .existingSecret }}
- {folder: kafka-client, secret: {{ .existingSecret | quote }}, keys: [{{ .certKey | quote }}, {{ .keyKey | quote }}]}
{{- end }}
{{- end }}
{{- end -}}

{{/*
What the schema cannot say with a remedy. All that is wrong is told at once.
*/}}
{{- define "sre-ingest.check" -}}
{{- $wrong := list -}}
{{- if not (trim .Values.auth.existingSecret) -}}
  {{- $wrong = append $wrong (print "auth.existingSecret is empty: senders must show a token. "
        "Make one with `kubectl create secret generic sre-ingest-token "
        "--from-literal=token=\"$(openssl rand -hex 32)\"` and set auth.existingSecret=sre-ingest-token.") -}}
{{- end -}}
{{- with .Values.kafka -}}
  {{- $unused := printf "kafka.securityProtocol is %s, which would not use it" .securityProtocol -}}
  {{- if not (trim .bootstrapServers) -}}
    {{- $wrong = append $wrong (print "kafka.bootstrapServers is empty: the gateway needs a Kafka cluster. "
          "Set it to the brokers to ask first, for example kafka.bootstrapServers=kafka-bootstrap.kafka.svc:9092.") -}}
  {{- end -}}
  {{- if hasPrefix "SASL_" .securityProtocol -}}
    {{- if not (and .sasl.mechanism .sasl.username .sasl.existingSecret) -}}
      {{- $wrong = append $wrong (printf "kafka.securityProtocol is %s: set %s."
            .securityProtocol
            "kafka.sasl.mechanism, kafka.sasl.username and kafka.sasl.existingSecret as well") -}}
    {{- end -}}
  {{- else if or .sasl.mechanism .sasl.username .sasl.existingSecret -}}
    {{- $wrong = append $wrong (printf "kafka.sasl is set but %s: %s." $unused
          "set kafka.securityProtocol to SASL_SSL or SASL_PLAINTEXT, or leave kafka.sasl empty") -}}
  {{- end -}}
  {{- if and (or .tls.ca.existingSecret .tls.client.existingSecret) (not (hasSuffix "SSL" .securityProtocol)) -}}
    {{- $wrong = append $wrong (printf "kafka.tls is set but %s: %s." $unused
          "set kafka.securityProtocol to SSL or SASL_SSL, or leave kafka.tls empty") -}}
  {{- end -}}
{{- end -}}
{{- if $wrong -}}
  {{- fail (join " " $wrong) -}}
{{- end -}}
{{- end -}}
