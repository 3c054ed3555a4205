"""How English words are often misspelt: doubled and single letters, vowels, endings, slips of the hand, like sounds."""

from __future__ import annotations

_TABLE = """
about abuot abotu, above abuv, absence absense abscence, absolutely absolutly absolutley, accept acept, accident
accidant, accidentally accidently accidentaly, accommodate accomodate acommodate, accommodation accomodation
acommodation, accomplish acomplish, according acording, account acount, achieve acheive acheve, across accross acros,
actually actualy acctually, address adress addres, advertisement advertisment, advice advise, affect effect, afraid
affraid, after aftre, again agian agin, against agianst againts, aggressive agressive aggresive, all al, allowed
alowed, almost allmost, already allready alredy, also aslo allso, although altho allthough, always allways alwasy
alwyas, amateur amature amatuer, amazing amazeing amasing, among amoung, amount ammount, and adn nad, animal animel,
annoying anoying annoing, annual anual, another anohter anothe, answer anwser anser, apart appart, apparent apparant,
apparently apparantly aparently, appear apear, appearance appearence apearance, appreciate apreciate appriciate,
approach aproach, appropriate apropriate, argument arguement, around arround aroud, article artical, asked aksed,
athlete athelete, atmosphere athmosphere atmoshpere, attempt atempt, attention attenion atention, audience audiance
audence, author auther, available availible avaliable, average averege, awesome awsome, awful awfull aweful, awkward
akward, balance balence, bargain bargin, basically basicly basicaly, beautiful beatiful beautifull beutiful, because
becuase becouse becasue, become becomme, before befor befroe, beginning begining beggining, behaviour behavour, behind
behing, being bieng, believe beleive belive, benefit benifit, best bset, better beter bettter, between betwen
beetween, boring borring boreing, bought bougth, breakfast breakfest, brilliant briliant brillant, brought brougt,
build bulid, business buisness busness, but btu, buy by, calendar calender, came caem, camera camara, careful
carefull, category catagory, caught cought, certain certian, certainly certianly certanly, challenge challange, change
chnage, character charachter caracter, characters charachters caracters, cheap cheep, chief cheif, children childern
childen, choose chose, cinema cinima, clothes cloths, colleague collegue colleage, come coem, comedy commedy comedey,
comfortable comfertable confortable, coming comming, committed commited, committee comitee commitee, community
comunity, company compnay, comparison comparision, complete compleat, completely completly completley, concentrate
consentrate, conscience concience, conscious concious, consider concider, convenient convinient, correct corect, could
coud cuold, country coutry, course corse, criticism critisism, criticize critisize, curiosity curiousity, customer
custumer, customers custumers, day dya, deal dael, decent descent, decide deside, decision desicion decison, definite
definate, definitely definately definitly, delicious delicous delishious, delivered deliverd, delivery delivary,
describe discribe, desperate desparate, despite dispite, develop develope, difference diffrence, different diffrent
differant, difficult dificult, dining dinning, dinner diner, disappear dissapear, disappoint dissapoint, disappointed
dissapointed disapointed, disappointing dissapointing disapointing, disappointment dissapointment disapointment,
disaster disater, discovered discoverd, discuss discus, disease desease, does dose, doing doign, done doen, each eahc,
early erly, easily easly easilly, eighth eigth, either iether, embarrass embarass, embarrassed embarassed,
embarrassing embarassing embarrasing, emotional emotionnal, end edn, enjoy injoy, enjoyed enjoied, enough enuogh
enought, entertaining entertaning, entirely entirly, environment enviroment enviornment, especially especialy
expecially, even evn, every evry eveyr, everyone everone evreyone, everything everthing evrything, evidence evidance,
exactly exactley, exaggerate exagerate, excellent excelent excellant, exciting exiting, exercise excercise exersise,
existence existance, expect exspect, expensive expencive, experience experiance expirience, explain explane, extremely
extremly, fabulous fabulus, familiar familar, family famly, famous famouse, fantastic fantastik fantasic, fascinating
facinating fasinating, favorite favorit, favourite favourit favrouite, feature feture, february febuary, feel fele,
few fwe, fiery firey, film flim, final finel, finally finaly, find fidn, first frist, food fodd, for fro, foreign
foriegn, forty fourty, forward foward, found foudn, friend freind, friendly freindly, friends freinds, from form,
fulfil fullfil, funny funy, gauge guage, general genral, genius genious, genuine genuin, get gte, give giev, going
gonig, good godo, gorgeous gorgous, government goverment, grammar grammer, grateful greatful, great graet, group
gruop, guarantee garantee gaurantee, guard gaurd, guess gess, guest geust, guidance guidence, had hda, half hlaf,
happen hapen, happened happend hapened, happiness happyness, harass harrass, have ahve hvae, having haveing, hear
here, heard herad, height heigth, help hlep, here hear, hilarious hillarious, his hsi, holiday holliday, home hmoe,
honest onest, hope hoep, horrible horible, hotel hotle, hour huor, house huose, humorous humourous, humour humur,
hungry hungary, hygiene hygene, idea idae, identity identidy, immediate imediate, immediately imediately immediatly,
important importent, impossible imposible, impressed impresed, impressive impresive, improve improove, incredible
incredable, incredibly incredably, independent independant, information infomation, intelligent inteligent, interest
intrest, interested intrested, interesting intresting intersting, interpret interprete, interrupt interupt, into inot,
introduce intruduce, island iland, issue isue, its it's, jealous jelous, jewellery jewelery, journey jurney, just
jsut, keep kepe, kind kidn, kitchen kichen, knew new, know konw, knowledge knowlege, language langauge, last lsat,
later latter, laugh laff, leave leav, leisure liesure, length lenght, less lses, library libary, licence lisence, life
lief, lightning lightening, like liek, likely likly, little littel litle, living liveing, location locaton, lonely
lonley, long logn, look lokk, lose loose, love lvoe, loved lvoed, lovely lovley, made maed, maintenance maintainance
maintenence, make maek, manager manger, many mnay, marriage marrage, material matereal, maybe mabye, meant ment,
medicine medecine, meeting meating, memory memmory, message mesage, might mihgt, million milion, minute minuet,
minutes minuts, mischievous mischievious, moment momment, money mony, more moer, morning moring, most msot, mother
mohter, movie moive, movies moives, music muisc, must msut, myself mysefl, mystery mistery, naturally naturaly, nearly
nearlly, necessary neccessary necesary, need nede, neighbour nieghbour nieghbor, new nwe, next nxet, nice ncie, niece
neice, night nigth, ninth nineth, noticeable noticable, now nwo, number nubmer, obvious obvius, obviously obviosly
obviousely, occasion ocasion occassion, occasionally occasionaly ocasionally, occurred occured, occurrence occurence,
office ofice, official offical, often offen, only olny onyl, opinion opinon, opportunity oppertunity oportunity,
opposite oposite, order oder, ordinary ordinery, original orignal, other ohter, our oru, outstanding outstandig, over
oevr, own onw, package pakage, paid payed, parallel paralell, particular particuler, particularly particulary, passed
past, people poeple peopel, perfect perfact, perfectly perfectley, performance preformance performence, perhaps
prehaps, period peroid, permanent permanant, person persen, personal personel, phenomenon phenomonon, picture pitcure,
piece peice, place palce, played playd, pleasant plesant, please plese, pleasure plesure, point piont, popular
populer, position posistion, possession posession, possible posible, potato potatoe, practical practicle, prefer
perfer, preferred prefered, presence presance, pretty prety, previous previus, price prise, principle principal,
privilege privelege priviledge, probably probly probaly, problem probelm, problems probelms, process proccess, product
prodcut, professional proffesional profesional, professor proffessor, promise promiss, pronunciation pronounciation,
proper propper, provide privide, public publik, publicly publically, purchase purchace, purpose purpos, quality
qualty, quantity quanity, question quesiton, questionnaire questionaire, queue que, quick quik, quickly quickley,
quiet quite, quite quiet, reached reched, really realy relly, reason raeson, receipt reciept, receive recieve,
received recieved, recent resent, recognize reconize, recommend recomend reccomend, recommended recomended
reccomended, reference referance, referred refered, relevant relevent, religious religous, remember rember remeber,
repetition repitition, resistance resistence, responsible responsable, restaurant restaraunt resturant, restaurants
restaraunts resturants, rhyme ryme, rhythm rythm rythym, ridiculous rediculous, right rigth, room romm, sacrifice
sacrafice, safety safty, said siad, same smae, sandwich sandwhich, satellite satelite, satisfied satisifed, scene
sceen, scenes sceens, schedule shedule, school shcool, science sience, scissors sissors, screen scren, second secnod,
secretary secretery, seem seme, seen sene, seize sieze, sense sence, sentence sentance, separate seperate, separately
seperately, sergeant sargent, serious serius, seriously seriosly, service servise, several severel, should shoud
shuold, show hsow, sight site, similar similiar, simple simpel, since sicne, sincerely sincerly, sleep slepe, some
soem, someone somone, something somthing, sometimes somtimes, soon soom, sound soudn, special speical, specific
spesific, speech speach, spend spned, staff staf, stayed staied, still stil, stomach stomache, stopped stoped, story
stroy, straight strait, strange stange, strength strenght, strong storng, studying studing, stupid stuped, style
stile, succeed succed, success succes, successful succesful sucessful, such shuch, sudden suden, sugar suger, superb
superbe, support suport, suppose supose, supposed suposed, sure shure, surely surley, surprise suprise, surprised
suprised, surprising suprising, surprisingly suprisingly, suspense suspence, sweet sweat, symbol symbole, table tabel,
take taek, taste tatse, technical techincal, technique tecnique, temperature temperture, tendency tendancy, terrible
terible, terrific teriffic, than then, thank thnak, that taht, the teh hte, their thier there, them tehm, themselves
themselfs, then than, there their thier, therefore therefor, these theese, they tehy thay, thing thign, things thigns,
think htink, thirty thrity, this tihs thsi, those thsoe, thought thougth thougt, thousand thousend, threshold
threshhold, through throught thru, time tiem, to too, today todya, together togeather, tomorrow tommorow tomorow,
tongue tounge, tonight tonite, too to, took tokk, tournament tournement, tragedy tradgedy, tried tryed, true ture,
truly truely, twelfth twelth, typical typicle, tyranny tyrany, under udner, understand undestand, unfortunately
unfortunatly unfortunetly, unique uniqe, until untill, unusual unusuall, upon apon, use ues, useful usefull, using
useing, usually usualy, vacuum vaccum, valuable valueable, variety vareity, vegetable vegtable, vegetables vegtables,
vehicle vehical, version verison, very vrey, village villege, visible visable, visit vist, visited visted, voice
vioce, wait wiat, waiter wiater, want wnat, wanted wantd, was wsa, waste waist, watch wathc, watched wached, way wya,
weather wether, wednesday wensday, week weak, weird wierd, welcome wellcome, well wel, went wnet, were where, what
waht, when wehn, where were, whether wether, which wich whcih, while whiel, who hwo, whole hole, why hwy, wife wief,
will wil, with wiht whit, within wihtin, women woman, wonderful wonderfull wondeful, word wrod, work wrok, working
wokring, world wrold, worth woth, would woud wuold, write wirte, writing writting, written writen, wrong worng, year
yaer, years yaers, yield yeild, you yuo, young yuong, your you're youre, yourself youself
"""
MISSPELLINGS = {right: tuple(wrong) for right, *wrong in map(str.split, _TABLE.split(","))}
"""The misspellings of each word, in small letters."""
