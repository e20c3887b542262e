package demo

import "fmt"

// hostileName tries to close the script it is written into and to start one of its own. A page that
// runs it, or mail that shows it as markup, is broken.
const hostileName = `</script><script>alert("vouch")</script>`

// partnerNames are the first partners; later ones are numbered. They hold what names hold: umlauts,
// several scripts, an apostrophe, an ampersand, quotes, commas, a leading equals sign.
var partnerNames = []string{
	"Bergmann & Söhne", "Luma Daily", "Nordlicht Beratung", "Harbor Stack", "O'Connell Partners", "さくら商事",
	"Café Étoile", "Silent Orchard", "Weiß Consulting", "الخليج للتقنية", "Pixel Foundry", "Loop Street Collective",
	"Ærø Systems", hostileName, "Kestrel Integrations", "Jörg Müller", "Green Ledger", "Tidewater Media",
	"Østerbro Ally Network", "Quill, Park and Sons", "株式会社ひかり", "Bright Harbor", "Łódź Digital", "Santé Numérique",
	"Copper Lane", "Aster Advisory", "=Formula Studio", "Maple Row", "Zürich Growth Lab", "Vela Commerce",
	"Nimbus Bridge", "Ida Lindqvist", "Fjord & Fell", "Sunday Builders", "The \"Quiet\" Agency", "Rhein Retail",
	"Atlas Connect", "Blue Kettle", "한빛 파트너스", "Prato Studio", "Ilse's Newsletter", "Solstice Health",
	"Meridian Desk", "Peak & Valley", "Dvořák Data", "Hello Hedgehog", "Straße 12", "Cobalt Exchange",
	"Tiny Lantern", "Rivière Partners", "Opal Customers' Club", "Kupfer und Kies", "Signal Tree", "Møller Media",
	"Stonebridge", "Ada's Circle", "Ferris Integration", "Ñandú Labs", "Paper Planes", "Last Mile Friends",
}

func partnerName(i int) string {
	if i < len(partnerNames) {
		return partnerNames[i]
	}
	return fmt.Sprintf("Partner %d", i+1)
}

// Names of people, in several scripts.
var (
	givenNames  = []string{"Jürgen", "Zoë", "Łukasz", "Mary-Ann", "Søren", "José", "Aïcha", "Björn", "Chloé", "Ngọc", "Ömer", "Ana", "Tom", "Ruth", "Kenji", "Li"}
	familyNames = []string{"Müller", "O'Brien", "Ångström", "Dvořák", "Nguyễn", "García", "Smith", "Weiß", "Kowalska", "D'Angelo", "Yılmaz", "Becker", "Jones", "Sato"}
	wholeNames  = []string{"田中 さくら", "김민준", "李小龙", "Αλέξανδρος Νίκου", "Наталья Ковальчук", "محمد علي"}
)

func personName(s stream) string {
	whole, given, family := s.chance(0.05), choose(s, givenNames), choose(s, familyNames)
	if whole {
		return choose(s, wholeNames)
	}
	return given + " " + family
}

// Segments of partners.
var (
	industries = []string{"software", "retail", "education", "health", "finance", "media"}
	audiences  = []string{"freelancers", "small teams", "mid-market", "enterprise"}
	owners     = []string{"Amira", "Jonas", "Priya", "Sven"}
)

// region is where a partner sells; it decides the currency its customers pay in.
type region struct {
	name, currency, country string
	share                   float64
}

var regions = []region{
	{"DACH", "EUR", "DE", 0.45},
	{"Nordics", "EUR", "FI", 0.15},
	{"UK", "GBP", "GB", 0.15},
	{"North America", "USD", "US", 0.15},
	{"Japan", "JPY", "JP", 0.06},
	{"Gulf", "KWD", "KW", 0.04},
}

// Browsers and crawlers, as the web events carry them.
var (
	browsers = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
	}
	crawlers = []string{
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
		"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
	}
)
