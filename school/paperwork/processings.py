"""What is done with data of people, in the words of the register (AVG art. 30). Every table stands in exactly one.

Sharing has its own lines, per purpose, from consent/purposes.yaml. The bases here are a PROPOSAL for the privacy
officer of the school, like those of the purposes: nobody signed them.
"""

from collections import Counter
from dataclasses import dataclass

from intake import data_map

ASK_THE_OFFICER = "uit te zoeken door de FG"
NO, WRITTEN, INDIRECT = "nee", "ja, als de student dat schrijft", "indirect: dat iemand op het vso zit, zegt iets"


@dataclass(frozen=True, slots=True)
class Processing:
    """One processing that is no purpose of sharing by itself.

    `tables` are labels of our models, `library` those of the packages we use.
    """

    key: str
    title: str
    goal: str
    basis: str
    whose: str
    data: str
    readers: str
    tables: tuple[str, ...]
    library: tuple[str, ...] = ()
    health: str = NO


class Misplaced(Exception):
    """A table stands in no processing, or in more than one; the message names it."""


PROCESSINGS: tuple[Processing, ...] = (
    Processing(
        key="paspoort",
        title="Het paspoort schrijven en bewaren",
        goal="De student schrijft zelf op wie hij of zij is, kan, wil en nodig heeft, en oefent voor de intake.",
        basis="voorstel: de student kiest zelf (AVG artikel 6 lid 1 onder a, voor gezondheid artikel 9 lid 2 onder a);"
        f" of bewaren beter op een andere grondslag rust: {ASK_THE_OFFICER}",
        whose="studenten; mensen die een student noemt, met voornaam en relatie",
        data="antwoorden op de vragenlijst, eerdere versies, ervaringen, doelen, voorstellen van school",
        readers="alleen de student, tot die iets deelt",
        health=WRITTEN,
        tables=(
            "passport.Passport", "passport.Answer", "passport.AnswerRevision", "passport.Experience", "passport.Goal",
            "passport.Suggestion", "intake.ExpectationTicks",
        ),
    ),
    Processing(
        key="delen",
        title="Delen vastleggen en laten gelden",
        goal="Bijhouden wat de student met wie deelt, waarvoor en tot wanneer, en wat een ouder daarvan vond.",
        basis="die van het doel waarvoor wordt gedeeld, zie hierboven",
        whose="studenten, ouders, ontvangers",
        data="welk onderdeel (als slot), welke ontvanger, welk doel, de laatste dag, ja of nee van een ouder, reacties",
        readers="de student; de ontvanger alleen wat die dag gedeeld is",
        health=WRITTEN,
        tables=(
            "consent.Share", "consent.NamedReader", "consent.ShareLink", "consent.ShareGroupObjectPermission",
            "consent.ShareItem", "consent.Release", "consent.Approval", "consent.ShareDraft", "consent.Reply",
        ),
        library=("auth.Group", "auth.Permission", "guardian.GroupObjectPermission", "guardian.UserObjectPermission"),
    ),
    Processing(
        key="bewijs",
        title="Bewijzen wat is afgesproken en wie keek",
        goal="De student ziet wie keek. De verantwoordelijke kan een ja aantonen en een datalek uitzoeken.",
        basis=f"AVG artikel 7 lid 1 (een ja kunnen aantonen); voor het logboek van wie keek: {ASK_THE_OFFICER}",
        whose="studenten, ouders, ontvangers, medewerkers",
        data="willekeurige nummers, tijden, soort gebeurtenis, onderdelen als slot, ondertekende bewijzen",
        readers="de student; de verantwoordelijke bij een datalek (`manage.py who_read`, `manage.py read_by`)",
        health=WRITTEN,
        tables=("consent.ConsentRecord", "consent.LedgerEntry", "intake.LawAnswer", "intake.HearingRecord"),
    ),
    Processing(
        key="intake",
        title="Intake, antwoorden en overdracht",
        goal="De opleiding leest wat gedeeld is, antwoordt per hulpvraag, plant een gesprek en krijgt een pdf.",
        basis="die van het doel «Intake bij een opleiding», zie hierboven",
        whose="studenten, intakers, mentoren, decanen",
        data="stand van de intake, antwoorden van de opleiding, plan van het gesprek, versleutelde pdf's",
        readers="student; intakers van de opleiding zolang er gedeeld wordt; school bij een warme overdracht",
        health=WRITTEN,
        tables=(
            "intake.Case", "intake.Fit", "intake.IntakeTalk", "intake.WarmTalk", "intake.Handover", "intake.Batch",
            "intake.BatchRow",
        ),
    ),
    Processing(
        key="afspraken",
        title="Afspraken over hulp op het mbo",
        goal="Student en opleiding leggen de hulp vast en kijken terug. Getekend is het van de opleiding.",
        basis="WEB artikel 8.1.3a; of dit voor het mbo een wettelijke plicht of een overeenkomst is:"
        f" {ASK_THE_OFFICER} van het mbo",
        whose="studenten, ouders van studenten onder de 16, medewerkers van het mbo",
        data="wat is afgesproken, door wie en wanneer getekend, de naam die gedeeld was",
        readers="student, intakers en mentoren van de opleiding, onder de 16 een ouder met gezag",
        health=WRITTEN,
        tables=("intake.Agreement", "intake.Signature", "intake.AgreementReview", "intake.AgreementFile"),
    ),
    Processing(
        key="na-de-start",
        title="Hoe het gaat na de start",
        goal="De student vertelt op vijf momenten hoe het gaat, aan wie dat van de student mag horen.",
        basis=f"voorstel: de student zet zelf een schakelaar aan; {ASK_THE_OFFICER}",
        whose="studenten, coaches, medewerkers",
        data="hoe het gaat, waar de student nu is, de eerste dag, een seintje zonder woorden,"
        " wat een coach en de student afspraken",
        readers="wie de student aanzet: het mbo, één coach, de school van vroeger",
        health=WRITTEN,
        tables=(
            "intake.FollowUp", "intake.FollowUpGrant", "intake.FirstDay", "intake.Ask", "intake.CoachSignal",
            "intake.CoachMoment",
        ),
    ),
    Processing(
        key="les",
        title="Lessen, gesprekken en briefjes op school",
        goal="Lessen met de klas, een hand opsteken, gespreksnotities en een woord van thuis.",
        basis=f"de taak van de school; {ASK_THE_OFFICER}",
        whose="studenten, ouders, mentoren",
        data="klas, lesplan zonder leerlingen, een hand of een wens om te praten, notities bij wat gedeeld is",
        readers="student en mentor; een notitie of briefje alleen zolang er met die lezer gedeeld wordt",
        health=WRITTEN,
        tables=(
            "accounts.SchoolClass", "school.Lesson", "passport.MentorSign", "intake.TalkNote", "intake.Remark",
        ),
    ),
    Processing(
        key="meelopen",
        title="Een dag meelopen, met een buddy",
        goal="Een student kijkt een dag bij een bedrijf of opleiding. De decaan weet wie mee kan en wie er niet was.",
        basis=f"de taak van de school (loopbaanoriëntatie); {ASK_THE_OFFICER}",
        whose="studenten, buddy's, medewerkers",
        data="de dag, wie er een naam op zette, of het doorgaat, of de student er was, welke buddy meegaat",
        readers="student; decaan van de eigen school; het mbo leest de naam alleen als de student dat aanzet",
        health=INDIRECT,
        tables=("intake.TasterDay", "intake.TasterSignUp"),
    ),
    Processing(
        key="mensen",
        title="Wie is wie, en klassenlijsten",
        goal="Weten wie student, ouder, mentor of intaker is, bij welke school, van wanneer tot wanneer.",
        basis=f"de taak van de school; {ASK_THE_OFFICER}",
        whose="studenten, ouders, coaches, medewerkers",
        data="naam, geboortedatum en aanmeldnummer van studenten (versleuteld), rollen met data, band met ouder of"
        " coach, gezag nagekeken ja of nee, naam en functie van medewerkers",
        readers="zichzelf; school ziet naam en klas; een ontvanger de roepnaam en wat is aangezet",
        health=INDIRECT,
        tables=(
            "accounts.User", "accounts.Student", "accounts.Guardian", "accounts.Membership", "accounts.Tie",
            "accounts.Invitation", "school.PassportInvitation", "school.ClassListDraft", "school.ClassListColumns",
            "school.SchoolNumber",
        ),
    ),
    Processing(
        key="inloggen",
        title="Inloggen en sleutels",
        goal="De juiste persoon binnenlaten, en alles wat een student schrijft versleutelen.",
        basis=f"nodig om de rest te beveiligen; {ASK_THE_OFFICER}",
        whose="iedereen die inlogt",
        data="kaart, pincode, passkey, mailadres, sessies, sleutels voor andere systemen, ingepakte sleutels",
        readers="niemand; zelf te zien bij Instellingen",
        tables=("accounts.Badge", "accounts.MailCode", "accounts.Token", "accounts.DataKey"),
        library=(
            "account.EmailAddress", "account.EmailConfirmation", "mfa.Authenticator", "sessions.Session",
            "socialaccount.SocialAccount", "socialaccount.SocialApp", "socialaccount.SocialToken",
            "usersessions.UserSession",
        ),
    ),
    Processing(
        key="cijfers",
        title="Cijfers zonder personen",
        goal="Eén keer per jaar tellen wat er in een regio gebeurt, in hele vijven.",
        basis=f"{ASK_THE_OFFICER}; tot de nacht en tot de publicatie zijn er sporen die van een student afkomen",
        whose="studenten, als telling",
        data="dat er iets gebeurde, zonder wie; afgeronde tellingen; zinnen over wat werkte, zonder naam",
        readers="de regio en coördinatoren, na afronden",
        health=INDIRECT,
        tables=(
            "intake.Tick", "intake.Counted", "intake.Tally", "intake.Publication", "intake.NeedTally",
            "intake.QuestionMark", "intake.QuestionTally",
            "intake.WorkedWell",
        ),
    ),
    Processing(
        key="beheer",
        title="Beheer en mail",
        goal="Vastleggen wat een coördinator veranderde, en niet te vaak mailen.",
        basis=f"de taak van de school; {ASK_THE_OFFICER}",
        whose="medewerkers; wie mail krijgt",
        data="wie wat veranderde bij medewerkers en klassen (nooit een student), wanneer de laatste mail ging",
        readers="coördinatoren van die school",
        tables=("school.OfficeEvent", "intake.MailDay"),
    ),
    Processing(
        key="openbaar",
        title="Openbare inhoud",
        goal="Vragenlijst, doelen, scholen, opleidingen, hulp en tips die iedereen mag lezen.",
        basis=f"voor de namen van schrijvende medewerkers: {ASK_THE_OFFICER}; de rest gaat over niemand",
        whose="medewerkers, alleen als schrijver",
        data="teksten over niemand, en wie ze schreef",
        readers="iedereen",
        tables=(
            "passport.QuestionnaireVersion", "passport.QuestionnaireDraft", "consent.PurposeSetting", "accounts.Region",
            "accounts.Institution", "accounts.InstitutionIdentifier", "accounts.Programme", "intake.ProgrammeFacts",
            "intake.Offer", "intake.Expectation", "intake.RegionHelp", "intake.RegionTip",
        ),
        library=("contenttypes.ContentType",),
    ),
)  # fmt: skip


def check(processings: tuple[Processing, ...] = PROCESSINGS) -> None:
    """Raises Misplaced when a table is in no processing, in two, or is no table any more."""
    wanted = {model._meta.label for model in data_map.our_models()} | set(data_map.LIBRARY)
    placed = Counter(label for one in processings for label in (*one.tables, *one.library))
    problems = [
        f"{label}: say in school/paperwork/processings.py what it is for" for label in sorted(wanted - set(placed))
    ]
    problems += [f"{label}: is no table any more" for label in sorted(set(placed) - wanted)]
    problems += [f"{label}: stands in two processings" for label, times in sorted(placed.items()) if times > 1]
    if problems:
        raise Misplaced("\n".join(problems))
