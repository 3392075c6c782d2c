package metricnames

// operatorSpecs are the metrics that any operator may have.
func operatorSpecs() []Spec {
	v := OfVertex{Labels: []string{"operator"}}
	return []Spec{
		{"numRecordsIn", core, []Output{{v.Counter("operator_records_in_total",
			"Records an operator received. Flink: sum of numRecordsIn."), sum, asIs}}},
		{"numRecordsOut", core, []Output{{v.Counter("operator_records_out_total",
			"Records an operator sent. Flink: sum of numRecordsOut."), sum, asIs}}},
		{"numRecordsInErrors", standard, []Output{{v.Counter("operator_records_in_errors_total",
			"Records an operator failed to process. Flink: sum of numRecordsInErrors."), sum, asIs}}},
		{
			"numLateRecordsDropped", standard,
			[]Output{{v.Counter("operator_late_records_dropped_total", "Records dropped because they came too "+
				"late for their window. Flink: sum of numLateRecordsDropped."), sum, asIs}},
		},
		{
			"currentOutputWatermark", standard,
			[]Output{{
				v.Gauge("operator_output_watermark_timestamp_seconds", "Watermark last sent, of the subtask "+
					"that is furthest behind, in Unix time. Absent before the first. Flink: min of "+
					"currentOutputWatermark."),
				least, millis,
			}},
		},
	}
}

// sourceRateSpecs are the rates of a source's operator: its task counts what it reads only
// since Flink 2. They feed no family of their own.
func sourceRateSpecs() []Spec {
	return []Spec{{RecordsInRate[1:], core, nil}, {RecordsOutRate[1:], core, nil}}
}

// sourceSpecs are the metrics of sources: Flink's own of any source, and
// those of the Kafka source.
func sourceSpecs() []Spec {
	v := OfVertex{Labels: []string{"operator"}}
	const consumer = "KafkaSourceReader.KafkaConsumer."
	return []Spec{
		// Pending records have a form of their own, see exposition/vertex.go.
		{PendingRecords[1:], core, nil},
		{"pendingBytes", standard, []Output{{v.Gauge("source_pending_bytes",
			"Bytes that wait at the source outside Flink. Flink: sum of pendingBytes."), sum, asIs}}},
		{
			"currentEmitEventTimeLag", standard,
			[]Output{{
				v.Gauge("source_emit_event_time_lag_seconds_max", "Time from the event time of the last "+
					"record until the source emitted it, of the subtask with most. Flink: max of "+
					"currentEmitEventTimeLag."),
				lag, millis,
			}},
		},
		{
			"currentFetchEventTimeLag", standard,
			[]Output{{
				v.Gauge("source_fetch_event_time_lag_seconds_max", "Time from the event time of the last "+
					"record until the source fetched it, of the subtask with most. Flink: max of "+
					"currentFetchEventTimeLag."),
				lag, millis,
			}},
		},
		{"watermarkLag", standard, []Output{{v.Gauge("source_watermark_lag_seconds_max", "Lag of the source's "+
			"watermark behind the clock, of the subtask with most. Flink: max of watermarkLag."), lag, millis}}},
		{"sourceIdleTime", standard, []Output{
			{v.Gauge("source_idle_seconds", "Time since the source's last record, of the subtask with least; "+
				"above 0 all subtasks are idle. Flink: min of sourceIdleTime."), least, millis},
			{v.Gauge("source_idle_seconds_max", "Time since the source's last record, of the subtask with most. "+
				"Flink: max of sourceIdleTime."), most, millis},
		}},
		{
			"watermarkAlignmentDrift", standard,
			[]Output{{
				v.Gauge("source_watermark_alignment_drift_seconds_max", "Lead of the source over its "+
					"watermark alignment group, of the subtask with most. Flink: max of watermarkAlignmentDrift."),
				lag, millis,
			}},
		},
		{
			consumer + "records-lag-max", wide,
			[]Output{{v.Gauge("source_kafka_lag_records_max", "Consumer lag in records, of the partition with "+
				"most. Flink: max of KafkaConsumer records-lag-max."), most, asIs}},
		},
		{"KafkaSourceReader.commitsSucceeded", wide, []Output{{v.Counter("source_kafka_commits_total",
			"Successful offset commits to Kafka. Flink: sum of commitsSucceeded."), sum, asIs}}},
		{"KafkaSourceReader.commitsFailed", wide, []Output{{v.Counter("source_kafka_commit_failures_total",
			"Failed offset commits to Kafka. Flink: sum of commitsFailed."), sum, asIs}}},
	}
}

// partitionSpecs are the positions of a Kafka source, which one subtask reports for each
// partition. Flink has replaced dots in the names of topics.
func partitionSpecs() []Spec {
	v := OfVertex{Labels: []string{"operator", "topic", "partition"}}
	return []Spec{
		{"currentOffset", wide, []Output{{v.Gauge("source_kafka_offset", "Offset of the last record read from a "+
			"partition; absent before the first. Flink: max of currentOffset."), lag, asIs}}},
		{"committedOffset", wide, []Output{{v.Gauge("source_kafka_committed_offset", "Last committed offset of a "+
			"partition; absent before the first. Flink: max of committedOffset."), lag, asIs}}},
	}
}

// sinkSpecs are the metrics of sinks: Flink's own of any sink, and those of
// the Kafka producer.
func sinkSpecs() []Spec {
	v := OfVertex{Labels: []string{"operator"}}
	const producer = "KafkaProducer."
	return []Spec{
		{"currentSendTime", standard, []Output{{v.Gauge("sink_send_seconds_max",
			"Duration of the last send, of the subtask with most. Flink: max of currentSendTime."), most, millis}}},
		{"numRecordsSend", standard, []Output{{v.Counter("sink_records_sent_total",
			"Records handed to the external system. Flink: sum of numRecordsSend."), sum, asIs}}},
		{"numBytesSend", standard, []Output{{v.Counter("sink_sent_bytes_total",
			"Bytes handed to the external system. Flink: sum of numBytesSend."), sum, asIs}}},
		{"numRecordsSendErrors", standard, []Output{{v.Counter("sink_send_errors_total",
			"Records that the external system rejected. Flink: sum of numRecordsSendErrors."), sum, asIs}}},
		{"pendingCommittables", standard, []Output{{v.Gauge("sink_pending_committables",
			"Transactions or files that wait to be committed. Flink: sum of pendingCommittables."), sum, asIs}}},
		{"successfulCommittables", standard, []Output{{v.Counter("sink_commits_total",
			"Commits that succeeded. Flink: sum of successfulCommittables."), sum, asIs}}},
		{"failedCommittables", standard, []Output{{v.Counter("sink_commit_failures_total",
			"Commits that failed. Flink: sum of failedCommittables."), sum, asIs}}},
		{"retriedCommittables", standard, []Output{{v.Counter("sink_commit_retries_total",
			"Commits that were tried again. Flink: sum of retriedCommittables."), sum, asIs}}},
		{
			producer + "requests-in-flight", wide,
			[]Output{{v.Gauge("sink_kafka_requests_in_flight", "Requests to Kafka without an answer yet. Flink: "+
				"sum of KafkaProducer requests-in-flight."), sum, asIs}},
		},
		{
			producer + "request-latency-avg", wide,
			[]Output{{v.Gauge("sink_kafka_request_seconds_max", "Time a request to Kafka takes, Kafka's mean of "+
				"30 s, of the subtask with most. Flink: max of KafkaProducer request-latency-avg."), most, millis}},
		},
		{
			producer + "record-queue-time-avg", wide,
			[]Output{{
				v.Gauge("sink_kafka_queue_seconds_max", "Time a record waits to be sent to Kafka, Kafka's "+
					"mean of 30 s, of the subtask with most. Flink: max of KafkaProducer record-queue-time-avg."),
				most, millis,
			}},
		},
		{
			producer + "records-per-request-avg", wide,
			[]Output{{v.Gauge("sink_kafka_records_per_request", "Records in a request to Kafka, Kafka's mean of "+
				"30 s, mean over the subtasks. Flink: avg of KafkaProducer records-per-request-avg."), mean, asIs}},
		},
		{
			producer + "record-retry-total", wide,
			[]Output{{v.Counter("sink_kafka_record_retries_total", "Records that were sent to Kafka again after "+
				"an error. Flink: sum of KafkaProducer record-retry-total."), sum, asIs}},
		},
		{producer + "record-error-total", wide, []Output{{v.Counter("sink_kafka_record_errors_total",
			"Records that Kafka rejected. Flink: sum of KafkaProducer record-error-total."), sum, asIs}}},
	}
}
