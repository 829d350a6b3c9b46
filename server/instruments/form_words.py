"""What a form says beside its instrument's own texts, by language; English stands in for the others.

English is the original. The other languages still wait for a reader who grew up with them, as do the
built-in instruments (docs/instruments.md).
"""

from collections.abc import Mapping

LANGUAGE_NAMES: Mapping[str, str] = {
    "ar": "العربية",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "pt": "Português",
    "sw": "Kiswahili",
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "agree": {
        "en": "Do you agree?",
        "es": "¿Está de acuerdo?",
        "fr": "Êtes-vous d'accord ?",
        "hi": "क्या आप सहमत हैं?",
        "pt": "Você concorda?",
        "sw": "Je, unakubali?",
        "ar": "هل توافق؟",
    },
    "agree_yes": {
        "en": "Yes, I agree",
        "es": "Sí, de acuerdo",
        "fr": "Oui, d'accord",
        "hi": "हाँ, सहमत हूँ",
        "pt": "Sim, concordo",
        "sw": "Ndiyo, nakubali",
        "ar": "نعم، أوافق",
    },
    "agree_no": {
        "en": "No",
        "es": "No",
        "fr": "Non",
        "hi": "नहीं",
        "pt": "Não",
        "sw": "Hapana",
        "ar": "لا",
    },
    "agree_needed": {
        "en": "Then leave this form without saving it: nothing is sent.",
        "es": "Entonces salga de este formulario sin guardarlo: no se envía nada.",
        "fr": "Alors quittez ce formulaire sans l'enregistrer : rien n'est envoyé.",
        "hi": "तो इस फ़ॉर्म को बिना सहेजे छोड़ दीजिए: कुछ नहीं भेजा जाएगा।",
        "pt": "Então saia deste formulário sem salvar: nada é enviado.",
        "sw": "Basi ondoka kwenye fomu hii bila kuhifadhi: hakuna kitakachotumwa.",
        "ar": "إذن اخرج من هذا النموذج من دون حفظه: لن يُرسَل شيء.",
    },
    "location": {
        "en": "Where are you?",
        "es": "¿Dónde está?",
        "fr": "Où êtes-vous ?",
        "hi": "आप कहाँ हैं?",
        "pt": "Onde você está?",
        "sw": "Uko wapi?",
        "ar": "أين أنت؟",
    },
    "location_hint": {
        "en": "Stay at the spot until the accuracy is 10 metres or better, or place the pin on the map.",
        "es": "Quédese en el punto hasta que la precisión sea de 10 metros o mejor, o márquelo en el mapa.",
        "fr": "Restez sur place jusqu'à 10 mètres de précision ou mieux, ou placez le point sur la carte.",
        "hi": "सटीकता 10 मीटर या बेहतर होने तक वहीं रुकिए, या नक्शे पर जगह चुनिए।",
        "pt": "Fique no ponto até a precisão chegar a 10 metros ou melhor, ou marque-o no mapa.",
        "sw": "Kaa hapo hadi usahihi ufike mita 10 au bora zaidi, au weka alama kwenye ramani.",
        "ar": "ابقَ في مكانك حتى تصبح الدقة 10 أمتار أو أفضل، أو حدّد المكان على الخريطة.",
    },
    "location_limit": {
        "en": "Too inexact. Step under open sky and try again, or place the pin on the map.",
        "es": "Demasiado impreciso. Póngase a cielo abierto e intente de nuevo, o márquelo en el mapa.",
        "fr": "Trop imprécis. Mettez-vous à ciel ouvert et recommencez, ou placez le point sur la carte.",
        "hi": "जगह ठीक से नहीं मिली। खुले आसमान के नीचे फिर कोशिश कीजिए, या नक्शे पर जगह चुनिए।",
        "pt": "Impreciso demais. Vá para céu aberto e tente de novo, ou marque o ponto no mapa.",
        "sw": "Si sahihi vya kutosha. Nenda mahali pa wazi ujaribu tena, au weka alama kwenye ramani.",
        "ar": "غير دقيق. قف تحت سماء مكشوفة وحاول مجددًا، أو حدّد المكان على الخريطة.",
    },
    "observed_at": {
        "en": "When did you see this?",
        "es": "¿Cuándo lo vio?",
        "fr": "Quand l'avez-vous vu ?",
        "hi": "आपने यह कब देखा?",
        "pt": "Quando você viu isto?",
        "sw": "Uliona haya lini?",
        "ar": "متى رأيت ذلك؟",
    },
    "photo": {
        "en": "Photo of the place",
        "es": "Foto del lugar",
        "fr": "Photo du lieu",
        "hi": "जगह की तस्वीर",
        "pt": "Foto do lugar",
        "sw": "Picha ya mahali",
        "ar": "صورة المكان",
    },
    "photo_hint": {
        "en": "Photograph the place, not people. Skip it if taking out the phone is not safe.",
        "es": "Fotografíe el lugar, no a las personas. Omítala si sacar el teléfono no es seguro.",
        "fr": "Photographiez le lieu, pas les gens. Passez si sortir le téléphone n'est pas sûr.",
        "hi": "जगह की तस्वीर लीजिए, लोगों की नहीं। फ़ोन निकालना सुरक्षित न हो तो छोड़ दीजिए।",
        "pt": "Fotografe o lugar, não as pessoas. Pule se não for seguro tirar o celular.",
        "sw": "Piga picha ya mahali, si ya watu. Ruka ikiwa si salama kutoa simu.",
        "ar": "صوّر المكان لا الناس. تجاوز ذلك إن لم يكن إخراج الهاتف آمنًا.",
    },
    "comment": {
        "en": "Anything else about this place?",
        "es": "¿Algo más sobre este lugar?",
        "fr": "Autre chose à dire sur ce lieu ?",
        "hi": "इस जगह के बारे में और कुछ?",
        "pt": "Mais alguma coisa sobre este lugar?",
        "sw": "Kuna lingine kuhusu mahali hapa?",
        "ar": "هل من شيء آخر عن هذا المكان؟",
    },
    "comment_hint": {
        "en": "No names, please.",
        "es": "Sin nombres, por favor.",
        "fr": "Pas de noms, s'il vous plaît.",
        "hi": "कृपया किसी का नाम न लिखें।",
        "pt": "Sem nomes, por favor.",
        "sw": "Tafadhali usitaje majina.",
        "ar": "من دون أسماء من فضلك.",
    },
}


def say(word: str, language: str) -> str:
    """Return a word in a language, in that language without its region, or in English."""
    told = WORDS[word]
    return told.get(language) or told.get(language.partition("-")[0]) or told["en"]


def language_name(language: str) -> str:
    """Return what Collect's menu of languages shows, such as `Español (es)`."""
    return f"{LANGUAGE_NAMES.get(language, language)} ({language})"
