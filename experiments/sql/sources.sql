-- experiments/sources: the units of one experiment, the codes of its events and, of a unit that is an attribute, its
-- persons, as common tables for the statements that include this one.
-- grain   units: one row per unit; names: per event, where their keys are not known beforehand; members: per person with the attribute
-- reads   units, event_names, persons
-- params  events, the definition's unit
-- nulls   code NULL: an event of no metric
-- money   none
units AS (
{{ include "units" . }}
)
{{- if not .Keyed }},
names AS (
  SELECT event_key, {{ if .Names }}CASE event{{ range $i, $n := .Names }} WHEN {{ arg $n }} THEN {{ $i }}{{ end }} END{{ else }}CAST(NULL AS INTEGER){{ end }} AS code
  FROM   {{ table "event_names" }}
)
{{- end }}
{{- if .Attribute }},
members AS (
  SELECT p.unit_key, p.person_key, p.acquired_us
  FROM  (SELECT {{ prop "h.attributes" .Attribute }} AS unit_key, h.person_key, {{ micros "h.acquired_at" }} AS acquired_us FROM {{ table "persons" }} AS h) AS p
  WHERE  p.unit_key IS NOT NULL
)
{{- end }}
