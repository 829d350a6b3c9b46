"""The kinds of problem the API tells of: one stable slug each, its status, its title in seven languages.

A slug is never renamed or used again: clients tell problems apart by `/problems/{slug}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from server import errors
from server.services.read_layer import NoRun

LANGUAGES = ("en", "es", "hi", "fr", "pt", "sw", "ar")


@dataclass(frozen=True)
class ProblemType:
    """One kind of problem: what it means, and what the sender can do about it."""

    slug: str
    status: int
    meaning: str
    titles: tuple[str, ...]
    """In the order of LANGUAGES."""

    @property
    def path(self) -> str:
        """The address of its page: the `type` of every problem of this kind."""
        return f"/problems/{self.slug}"

    def title(self, language: str) -> str:
        """Return the title in one of LANGUAGES."""
        return self.titles[LANGUAGES.index(language)]


UNPARSABLE = ProblemType(
    "unparsable",
    400,
    "The request cannot be read: broken JSON or compression, text that is not UTF-8, a key given twice, "
    "NaN or Infinity. `detail` says where. Nothing was kept; mend the body and send it again.",
    (
        "The request cannot be read",
        "No se puede leer la solicitud",
        "अनुरोध पढ़ा नहीं जा सका",
        "La requête est illisible",
        "Não é possível ler o pedido",
        "Ombi halisomeki",
        "تعذرت قراءة الطلب",
    ),
)
INVALID = ProblemType(
    "invalid",
    422,
    "The request was read, but its content breaks the rules. `errors` lists every fault with a JSON pointer "
    "to its place. Nothing of the item was kept; correct it and send it again.",
    (
        "The content breaks the rules",
        "El contenido no cumple las reglas",
        "सामग्री नियमों के अनुसार नहीं है",
        "Le contenu n'est pas conforme aux règles",
        "O conteúdo não cumpre as regras",
        "Maudhui hayafuati kanuni",
        "المحتوى مخالف للقواعد",
    ),
)
NOT_AUTHENTICATED = ProblemType(
    "not-authenticated",
    401,
    "A token is needed, and the one sent is missing, malformed, unknown, revoked, or of another city. Send "
    "`Authorization: Bearer TOKEN`; a phone without a valid token enrols again.",
    (
        "A valid token is needed",
        "Se necesita un token válido",
        "मान्य टोकन आवश्यक है",
        "Un jeton valide est nécessaire",
        "É necessário um token válido",
        "Tokeni halali inahitajika",
        "يلزم رمز دخول صالح",
    ),
)
NOT_ALLOWED = ProblemType(
    "not-allowed",
    403,
    "The token is valid, but its role does not open this. Ask the operator for a key of the role that "
    "`detail` names.",
    (
        "This token does not open this",
        "Este token no da acceso",
        "इस टोकन से यह नहीं खुलता",
        "Ce jeton ne donne pas accès",
        "Este token não dá acesso",
        "Tokeni hii hairuhusu hili",
        "هذا الرمز لا يتيح الوصول",
    ),
)
NOT_THERE = ProblemType(
    "not-there",
    404,
    "There is nothing here, or it is not yours: the two are told alike, so that nobody can find out what "
    "others have sent.",
    (
        "Not there",
        "No se encuentra",
        "नहीं मिला",
        "Introuvable",
        "Não encontrado",
        "Haipo",
        "غير موجود",
    ),
)
NO_RUN = ProblemType(
    "no-run",
    404,
    "This city has not been analysed yet. Its layers come with the first run; until then nothing is said of "
    "any place.",
    (
        "Not analysed yet",
        "Aún no analizado",
        "अभी विश्लेषण नहीं हुआ",
        "Pas encore analysé",
        "Ainda não analisado",
        "Bado haijachanganuliwa",
        "لم يُحلَّل بعد",
    ),
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "This address does not know the method; the header `Allow` lists those it knows.",
    (
        "The method is not known here",
        "El método no se admite aquí",
        "यह विधि यहाँ मान्य नहीं है",
        "Méthode non admise ici",
        "O método não é admitido aqui",
        "Njia hii haitumiki hapa",
        "الطريقة غير مسموح بها هنا",
    ),
)
CONFLICT = ProblemType(
    "conflict",
    409,
    "What is stored under this name differs from what was sent, or its state does not allow the act. What is "
    "stored was not changed.",
    (
        "It differs from what is stored",
        "Difiere de lo almacenado",
        "यह संग्रहीत सामग्री से भिन्न है",
        "Diffère de ce qui est conservé",
        "Difere do que está guardado",
        "Inatofautiana na kilichohifadhiwa",
        "يختلف عما هو محفوظ",
    ),
)
TOO_LARGE = ProblemType(
    "too-large",
    413,
    "The body is larger than the limit, before or after decompression. Send it in smaller parts.",
    (
        "The body is too large",
        "El contenido es demasiado grande",
        "सामग्री बहुत बड़ी है",
        "Le contenu est trop volumineux",
        "O conteúdo é demasiado grande",
        "Maudhui ni makubwa mno",
        "المحتوى كبير جدا",
    ),
)
WRONG_MEDIA_TYPE = ProblemType(
    "wrong-media-type",
    415,
    "This address does not read this content type or encoding; `detail` names what it reads.",
    (
        "The content type is not read here",
        "El tipo de contenido no se admite",
        "यह सामग्री प्रकार मान्य नहीं है",
        "Type de contenu non admis",
        "O tipo de conteúdo não é admitido",
        "Aina hii ya maudhui haisomwi hapa",
        "نوع المحتوى غير مقبول",
    ),
)
TOO_MANY = ProblemType(
    "too-many",
    429,
    "Too many requests in too short a time. Nothing was kept; send again after the seconds in `Retry-After`.",
    (
        "Too many requests",
        "Demasiadas solicitudes",
        "बहुत अधिक अनुरोध",
        "Trop de requêtes",
        "Demasiados pedidos",
        "Maombi mengi mno",
        "طلبات كثيرة جدا",
    ),
)
INTERNAL = ProblemType(
    "internal",
    500,
    "A fault of this server. Nothing was acknowledged; sending again does no harm. The operator finds the "
    "cause in the log under the request's id, `instance`.",
    (
        "A fault of this server",
        "Error del servidor",
        "सर्वर में त्रुटि",
        "Erreur du serveur",
        "Erro do servidor",
        "Hitilafu ya seva",
        "خطأ في الخادم",
    ),
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "The store cannot be reached or has no room just now. Nothing was acknowledged; send again after the "
    "seconds in `Retry-After`. Sending twice does no harm.",
    (
        "Not available just now",
        "No disponible por ahora",
        "अभी उपलब्ध नहीं",
        "Indisponible pour le moment",
        "Indisponível de momento",
        "Haipatikani kwa sasa",
        "غير متاح حاليا",
    ),
)
TYPES = (
    UNPARSABLE,
    NOT_AUTHENTICATED,
    NOT_ALLOWED,
    NOT_THERE,
    NO_RUN,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    INVALID,
    TOO_MANY,
    INTERNAL,
    UNAVAILABLE,
)
BY_SLUG: Mapping[str, ProblemType] = {one.slug: one for one in TYPES}
BY_STATUS: Mapping[int, ProblemType] = {one.status: one for one in TYPES if one is not NO_RUN}
BY_REFUSAL: Mapping[type[errors.Refusal], ProblemType] = {
    errors.Unparsable: UNPARSABLE,
    errors.Invalid: INVALID,
    errors.NotAuthenticated: NOT_AUTHENTICATED,
    errors.NotAllowed: NOT_ALLOWED,
    NoRun: NO_RUN,
    errors.NotThere: NOT_THERE,
    errors.Conflict: CONFLICT,
    errors.TooLarge: TOO_LARGE,
    errors.WrongMediaType: WRONG_MEDIA_TYPE,
    errors.TooMany: TOO_MANY,
    errors.Unavailable: UNAVAILABLE,
}


def type_of(refusal: errors.Refusal) -> ProblemType:
    """Return the type of a refusal, by its nearest class in the table; KeyError for a class left out."""
    return next(BY_REFUSAL[kind] for kind in type(refusal).__mro__ if kind in BY_REFUSAL)


def unnamed(status: int) -> ProblemType:
    """Return a type for the rare HTTP errors that have no page of their own."""
    phrase = HTTPStatus(status).phrase
    return ProblemType("", status, phrase, (phrase,) * len(LANGUAGES))


def documentation() -> str:
    """Return the Markdown page of all types, as in docs/problems.md."""
    sections = [
        f"## {one.slug}\n\n`{one.path}`, status {one.status}: {one.titles[0]}.\n\n{one.meaning}\n"
        for one in TYPES
    ]
    return (
        "# Problems\n\nEvery error is [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) "
        "`application/problem+json`: `type` is one of the paths below and never changes, `title` follows\n"
        "`Accept-Language` (" + ", ".join(LANGUAGES) + "), `instance` is the id of the request, and `errors` "
        "lists all faults of a content\nas `{pointer, detail}`. The titles other than the English ones have "
        "not been checked by native speakers.\n\n" + "\n".join(sections)
    )
