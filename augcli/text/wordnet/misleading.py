"""Synonyms that WordNet has and that mislead: they are left out of the table.

They are of another sense than the word mostly has in reviews, news and questions (`plot` is no `patch`), they turn what
a text says of something (a `fantastic` film is no `grotesque` one), or they fit into few sentences only (`coffee` is
seldom `java`). The list is made by hand, from the most frequent words of such texts.
"""

from __future__ import annotations

from collections.abc import Iterator

MISSING = frozenset("na nan nil none null".split())
"""What stands in tables where there is no text: such a word has no synonyms, and is none."""

_LISTED = {
    "n": """
        account: *; agreement: correspondence; animal: beast; attack: *; baby: babe; band: *; bargain: *;
        battle: engagement; bill: *; bite: *; bottom: *; break: interruption; burn: tan; campaign: cause crusade
        drive; case: *; chance: opportunity; character: *; charm: *; child: minor; choice: pick; cinema: film;
        class: category family; coach: manager; coffee: *; complaint: *; content: message; country:
        commonwealth; cover: *; crash: clang clangor clash; cream: *; cry: call; decision: conclusion; delivery:
        *; dinner: *; director: *; disaster: *; doctor: *; dollar: *; door: threshold; earth: ground; effect:
        consequence upshot; exercise: use; fall: autumn; fight: engagement; film: cinema; fire: *; firm: house;
        fit: *; flavor: *; floor: story; food: *; form: *; front: battlefront; fun: *; function: map; future: *;
        gift: *; girl: miss; government: regime; group: grouping; growth: growing maturation; gun: *; guy: *;
        hand: *; heart: *; history: *; home: abode; host: *; house: firm; instruction: education teaching;
        interest: *; item: *; job: business; joke: *; kid: minor; kind: form; lack: want; law: *; letter:
        missive; level: degree; life: *; link: *; load: burden; lock: *; look: face; lot: deal flock heap mass
        mint pile; manager: director; marriage: matrimony; match: *; material: *; message: content; middle: *;
        mind: head psyche; minister: *; minute: moment; miss: girl; mistake: misunderstanding; model: *; moment:
        minute; mountain: mount; need: *; news: *; night: *; nothing: *; office: *; package: bundle packet;
        pair: *; part: component; past: *; pay: salary; percent: percentage; person: soul; picture: painting;
        place: property; plan: program; plot: *; power: *; product: production; program: *; project: task;
        quality: *; rating: valuation; reason: *; record: disc disk; rent: *; reply: response; report: *;
        respect: esteem; rock: *; role: office; screen: *; search: *; seat: *; second: *; server: *; share: *;
        shipping: *; shock: *; shot: *; skill: *; song: *; sort: form; source: root; space: *; spirit: flavor;
        star: *; state: *; step: measure; stock: *; study: *; stuff: *; style: way; talent: endowment; taste: *;
        test: *; thrill: *; time: *; trade: *; treat: *; use: exercise; victim: *; victory: *; view: position;
        waste: *; way: fashion mode style; world: existence; zero: *
    """,
    "v": """
        adapt: accommodate; admit: acknowledge; amaze: puzzle; amuse: *; answer: *; argue: reason; arrest:
        collar nab nail; arrive: come; assemble: piece tack; avoid: avert; base: *; bear: birth; beat: crush
        vanquish; become: *; believe: conceive; blame: pick; bore: *; cancel: scrub; capture: charm; carry: *;
        cast: *; cause: *; charm: capture; cheat: *; chew: *; claim: arrogate; come: *; compel: *; complain:
        plain; confuse: confound; connect: associate link relate; consider: regard study view; cook: *; cover:
        *; demand: necessitate need; depress: dismay; describe: account report; design: *; desire: want; die:
        croak perish; direct: *; drag: *; draw: *; drink: *; drive: *; engage: *; fail: miscarry neglect; fall:
        descend; find: *; fit: *; fly: *; form: *; frustrate: *; function: *; gain: *; get: acquire; go: move
        travel; guess: reckon suppose; handle: treat; hang: *; haunt: *; help: *; hire: engage; hit: strike;
        hurt: *; ignore: snub; impress: *; improve: better; interest: *; involve: regard; issue: publish supply;
        kill: *; lead: take; learn: hear; lend: *; like: *; live: inhabit populate; load: laden; log: *; love:
        *; match: *; matter: *; mean: entail; meet: encounter; mix: coalesce flux fuse merge; mount: *; move: *;
        murder: dispatch; need: want; notice: discover find; operate: *; order: *; overwhelm: deluge overpower;
        pass: surpass; place: lay position put; plot: *; pour: *; prefer: *; press: *; print: *; prove:
        establish show; push: *; put: lay position; puzzle: amaze; raise: elevate lift; rate: place rank; reach:
        attain; realize: see; recommend: *; record: *; reduce: cut trim; relax: *; rent: *; replace: *; report:
        *; reserve: appropriate; respond: react; rip: *; rob: *; rock: *; roll: wheel; run: *; rush: race speed;
        satisfy: fulfil fulfill; save: *; say: state; seek: search; seem: *; sentence: *; serve: *; set:
        determine lay put; shock: floor; show: establish prove; slip: *; smart: *; snap: snarl; speak: mouth
        utter; spend: *; spin: *; stay: stick; steal: *; stick: deposit lodge wedge; stir: *; strike: *; study:
        analyse analyze; suffer: *; suppose: reckon say; survive: live; take: *; talk: speak; taste: *; tell: *;
        test: *; think: conceive; tire: jade; train: *; travel: go move; treat: handle process; use: apply;
        wash: *; win: *; wonder: inquire; work: *; wreck: *; write: pen
    """,
    "a": """
        abysmal: *; adequate: *; adorable: *; alive: *; amazing: awe-inspiring; annoyed: steamed stung;
        annoying: galling nettlesome pestering teasing; antique: *; appalling: *; artificial: unreal; atrocious:
        flagitious monstrous; authentic: reliable; automatic: *; awesome: awe-inspiring awing; awful: fearful
        frightening; believable: *; bizarre: *; blatant: blazing clamorous vociferous; bleak: *; blue: *;
        breathtaking: *; bright: *; brilliant: brainy; brown: dark-brown; brutal: *; buggy: *; chilling: *;
        classic: *; clever: *; clunky: *; crazy: sick; creepy: *; criminal: *; crisp: *; crucial: *; curious: *;
        damaged: *; decent: *; delicious: delightful; delightful: *; depressing: *; disappointed: *; disgusting:
        foul; drab: sober somber; dreadful: fearful frightening; dumb: *; eccentric: *; economic: *; economical:
        *; engaging: *; entire: full total; even: *; exceptional: *; extra: excess redundant surplus; fantastic:
        antic grotesque; final: net; firm: *; fit: *; flat: *; flawed: *; foreign: *; frustrated: *; full: *;
        funny: curious peculiar singular; gay: *; gloomy: sulky; gory: *; greasy: *; greedy: *; green: *; grim:
        inexorable relentless stern; handsome: giving; haunting: *; hefty: *; hideous: outrageous; honest: *;
        horrible: *; hurt: *; impossible: inconceivable; insulting: *; international: *; irritating: galling
        nettlesome pestering teasing; juicy: *; keen: penetrating sharp; kind: *; lame: game gimpy halt halting;
        later: *; lean: *; level: *; likely: *; lonely: *; lush: profuse riotous; luxurious: voluptuous; mad:
        sick; magnificent: *; marvelous: improbable; mean: *; miserable: hapless piteous poor suffering
        wretched; moist: *; musty: *; mysterious: inscrutable; nasty: *; nervous: *; open: *; outrageous: *;
        outstanding: prominent salient; past: *; pathetic: hapless poor; plain: evident; polite: *; poor: *;
        precious: cherished; purple: *; quality: *; real: *; reasonable: fair; remarkable: singular; repetitive:
        *; responsive: *; retro: *; ridiculous: pathetic silly; right: *; romantic: *; round: *; satisfying:
        hearty square; scary: *; secure: *; set: primed; several: respective; severe: wicked; sharp: *; sheer:
        absolute; shocking: *; sick: *; silly: *; single: *; sluggish: *; smart: *; soggy: *; sorry: *; sound:
        *; spare: *; special: peculiar; speechless: *; splendid: *; spooky: *; strange: *; stuffy: *; stunning:
        *; sturdy: hardy stout; subtle: *; superb: *; tacky: cheap loud; tedious: irksome; tender: *; terrible:
        fearful frightening; terrifying: *; thin: *; thrilling: *; tiny: petite; total: *; unique: *; unsure:
        diffident shy timid; upset: disordered; utter: *; various: respective; very: *; vivid: pictorial;
        wicked: *; wonderful: wondrous; worried: disturbed; young: *
    """,
    "r": """
        alone: entirely exclusively solely solo; back: *; badly: *; cheaply: *; dead: *; down: *; enough: *;
        especially: peculiarly; fairly: moderately; finally: ultimately; fine: *; however: notwithstanding
        withal; now: *; only: alone; particularly: peculiarly; pretty: moderately reasonably; probably: likely;
        rather: kinda; real: *; really: truly; soon: presently; specially: *; still: *; straight: flat;
        suddenly: short; thankfully: *; today: *; too: likewise; true: *; yet: heretofore
    """,
}
"""For each part of speech: a word, and the synonyms that are not offered for it; `*` are all."""


def _misleading() -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    for pos, text in _LISTED.items():
        for entry in text.split(";"):
            word, _, synonyms = entry.partition(":")
            yield (pos, word.strip()), frozenset(synonyms.split())


_MISLEADING = dict(_misleading())


def misleads(pos: str, word: str, synonym: str) -> bool:
    """Tell whether a synonym of a plain word is left out."""
    listed = _MISLEADING.get((pos, word), frozenset())
    return synonym in listed or "*" in listed
