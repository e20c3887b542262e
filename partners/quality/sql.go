package quality

import (
	"embed"

	"vouch/internal/sqltext"
)

//go:embed sql/*.sql
var files embed.FS

var statements = sqltext.MustLoad("quality", files)
