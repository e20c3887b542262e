package ingest

import (
	"embed"

	"vouch/internal/sqltext"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var statements = sqltext.MustLoad("ingest", sqlFiles)
