//! Words that are nobody's: the language of SCIM and of its error messages. Everything else in a free text is masked.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The vocabulary of SCIM, of HTTP, and of sentences about them, in lower case.
const PLAIN: &str = "
a about above accept accepted access account accounts action active actual add added address addresses after again all
allow allowed already also an and another any api apikey application array arrays as at attempt attribute attributes auth
authentication authenticated authorization authorised authorized authority
back bad base basic be bearer because been before begin begins being below between bnd bodies body boolean both bulk bulkid but by
cache call called can cannot canonical case change changed changes character characters charset check child client close closed co code
column common complex config configuration conflict conflicts connection constraint contact contain contained contains content
control core could count country create created creating current custom
data database date datetime days decode default defined delete deleted denied department description detail details did directory
disabled display displayname division do does document domain does duplicate duplicated during
each element elements eligible else em email emails empty en enabled encoded encoding end endpoint enterprise entitlement entitlements entity
eq error errors ew exactly exceed exceeded exceeds excludedattributes exist existing exists expect expected expired extension extensions external
externalid
fail failed failure false familyname field fields file filter filters find first following for forbidden form format formatted
found from full
ge gender get given givenname go gone group groups gt gzip
had handle has have he header headers here host how http https honorificprefix honorificsuffix
id identifier identifiers identity if ietf ignored immutable in inactive incorrect index input insufficient integer internal into
invalid invalidfilter invalidpath invalidsyntax invalidvalue invalidvers is issue it item items itemsperpage its
json just keep key keys kind known
large last lastmodified le least length less like limit line list listed listresponse locale locality location long lookup lower lt
made malformed manager many match matched matches matching max maximum maxresults may me media member members membership memberships message messages
meta method middlename min minimum missing mobile more most multi multiple must mutability
name names ne nested new next nickname no node none not notarget nothing null number numeric
object objects of off ok old on once one only op open operation operations operator operators optional or order org organization other
our out over
page parameter parameters params parent parse parsing part password patch patched patchop path paths pending per period permission
permissions permitted phone phonenumbers photos please points policy post postalcode pr preferredlanguage prefix present primary process processed
processing profile profileurl properties property provide provided provider provisioning put
query quota quoted
range rate re reached read readonly readwrite reason received ref reference references refused region rejected remove removed rename
replace replaced request requested requests require required reserved resource resources resourcetype resourcetypes response rest result results
retry returned role roles root
same schema schemas scim scimtype search second seconds see segment sensitive sent server service serviceproviderconfig session set short
should sign simple since single size so some sort sortby sortorder specified standard start startindex state status still store
stored streetaddress string strings structure sub subattribute success successfully such support supported sw syntax system
tenant text than that the their them then there these they this those time timed timeout timestamp timezone title to too token
tokens toomany total totalresults true try two type types
com net urn ietf params example taken target listens recorder
unable unassigned unauthorized unavailable unexpected unique uniqueness unknown unprocessable unrecognized unsupported until
update updated updates upper uri url urn usage use used user username users usertype using
valid validation value values version versions via violates violation violated
w was we went were when where which while who will with within without work would write written wrong
x509certificates xml yet you your zero
";

/// Segments of paths that are no ids.
const SEGMENTS: &str = "
users groups user group me schemas resourcetypes serviceproviderconfig serviceproviderconfigs bulk .search scim v1 v2 v2.0 v1.1 api apis rest services
identity provisioning directory admin auth oauth oauth2 token tokens connect saml sso tenants tenant organizations organization orgs org
accounts account apps app integrations integration entitlements roles devices agents agenticapplications resources rs public gateway proxy
";

/// `type` values of RFC 7643 and of the products that are played.
const TYPES: &str = "
work home other mobile fax pager photo thumbnail direct indirect user group serviceproviderconfig resourcetype schema enterpriseuser
windowsazureactivedirectoryrole oauth oauth2 oauthbearertoken httpbasic httpdigest aim gtalk icq xmpp msn skype qq yahoo
string boolean decimal integer datetime binary reference complex readonly readwrite immutable writeonly role entitlement
";

/// Flags in a query that stand without a value.
const FLAGS: [&str; 3] = ["aadoptscim062020", "azureadscimpatch062020", "cursor"];

/// Labels of host names and domains that name nobody.
const LABELS: &str = "
com org net edu gov io dev app co uk de fr eu us nl be ch at se no dk fi it es pt pl ca au nz jp cn in br local localhost internal
example test invalid www api scim idp sso auth login id mail email gateway proxy staging prod production dev test qa onmicrosoft
microsoft okta oktapreview jumpcloud azure windows gmail googlemail google outlook hotmail yahoo icloud proton protonmail cloud
";

type Set = HashSet<&'static str>;

fn set(text: &'static str) -> Set {
    text.split_whitespace().collect()
}

static PLAIN_SET: LazyLock<Set> = LazyLock::new(|| set(PLAIN));
static SEGMENT_SET: LazyLock<Set> = LazyLock::new(|| set(SEGMENTS));
static TYPE_SET: LazyLock<Set> = LazyLock::new(|| set(TYPES));
static LABEL_SET: LazyLock<Set> = LazyLock::new(|| set(LABELS));

fn has(set: &Set, word: &str) -> bool {
    set.contains(word.to_ascii_lowercase().as_str())
}

/// Whether a word belongs to the language of SCIM and its errors.
pub(super) fn is_plain(word: &str) -> bool {
    has(&PLAIN_SET, word)
}

/// Whether a segment of a path names an endpoint or the way to it.
pub(super) fn is_segment(segment: &str) -> bool {
    has(&SEGMENT_SET, segment)
}

/// Whether a text is a known value of `type` and the like.
pub(super) fn is_type(word: &str) -> bool {
    has(&TYPE_SET, word)
}

/// Whether a text is a flag that clients put into a query.
pub(super) fn is_flag(word: &str) -> bool {
    FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(word))
}

/// Whether a label of a host name says nothing of whose it is.
pub(super) fn is_label(label: &str) -> bool {
    has(&LABEL_SET, label)
}
