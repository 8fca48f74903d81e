
/*
 * The labels of furniture in the languages news is read in, as newsrooms
 * print them, and the forms in which a CMS writes them by hand.
 *
 * Case is folded one character at a time, without a language (I becomes i,
 * final sigma becomes sigma; the Turkish capital dotted I has no such form
 * and stays).  Where that loses a letter, what capitals give is listed too:
 * "devamini oku" is DEVAMINI OKU, and Greek capitals carry no accents.
 */

#include "ed_language.h"


static const ed_str_t  ed_written_en[] = {
    ED_STR("read more"), ED_STR("read more on this"),
    ED_STR("read more about this"), ED_STR("read also"), ED_STR("also read"),
    ED_STR("read this"), ED_STR("read next"), ED_STR("see also"),
    ED_STR("see more"), ED_STR("more"), ED_STR("more on this"),
    ED_STR("more on this story"), ED_STR("related"), ED_STR("related story"),
    ED_STR("related stories"), ED_STR("related article"),
    ED_STR("related articles"), ED_STR("further reading"),
    ED_STR("recommended"), ED_STR("recommended reading"),
    ED_STR("you may also like"), ED_STR("don't miss"), ED_STR("must read"),
    ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_en[] = {
    ED_STR("opinion"), ED_STR("opinions"), ED_STR("comment"),
    ED_STR("comments & analysis"), ED_STR("commentary"),
    ED_STR("comment is free"), ED_STR("comment & debate"),
    ED_STR("comment and debate"), ED_STR("op-ed"), ED_STR("op-eds"),
    ED_STR("oped"), ED_STR("op-ed contributor"),
    ED_STR("view"),
    ED_STR("views"), ED_STR("viewpoint"), ED_STR("viewpoints"),
    ED_STR("our view"), ED_STR("perspective"), ED_STR("perspectives"),
    ED_STR("column"), ED_STR("columns"), ED_STR("columnist"),
    ED_STR("columnists"), ED_STR("guest column"), ED_STR("ideas"),
    ED_STR("voices"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_ar[] = {
    ED_STR("اقرأ المزيد"), ED_STR("اقرأ أيضا"), ED_STR("اقرأ أيضاً"),
    ED_STR("اقرأ أيضًا"), ED_STR("اقرأ ايضا"), ED_STR("إقرأ أيضا"),
    ED_STR("إقرأ أيضاً"), ED_STR("إقرأ المزيد"), ED_STR("اقرأوا أيضا"),
    ED_STR("اقرأ كذلك"), ED_STR("طالع أيضا"), ED_STR("طالع أيضاً"),
    ED_STR("شاهد أيضا"), ED_STR("شاهد أيضاً"), ED_STR("انظر أيضا"),
    ED_STR("المزيد"), ED_STR("للمزيد"), ED_STR("لقراءة المزيد"),
    ED_STR("مواضيع ذات صلة"), ED_STR("أخبار ذات صلة"), ED_STR("ذات صلة"),
    ED_STR("قد يهمك أيضا"), ED_STR("قد يهمك"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_ar[] = {
    ED_STR("رأي"), ED_STR("الرأي"), ED_STR("آراء"), ED_STR("الآراء"),
    ED_STR("رأي حر"), ED_STR("مقالات"), ED_STR("مقالات الرأي"),
    ED_STR("مقالات رأي"), ED_STR("مقال رأي"), ED_STR("مقال"), ED_STR("أعمدة"),
    ED_STR("كتاب الرأي"), ED_STR("كتّاب الرأي"), ED_STR("وجهة نظر"),
    ED_STR("وجهات نظر"), ED_STR("افتتاحية"), ED_STR("الافتتاحية"),
    ED_STR("قضايا وآراء"), ED_STR("تعليق"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_es[] = {
    ED_STR("leer más"), ED_STR("leer mas"), ED_STR("leer también"),
    ED_STR("lea más"), ED_STR("lea también"), ED_STR("lea tambien"),
    ED_STR("lee también"), ED_STR("lee tambien"), ED_STR("lee además"),
    ED_STR("lea además"), ED_STR("le puede interesar"),
    ED_STR("te puede interesar"), ED_STR("también te puede interesar"),
    ED_STR("puede leer"), ED_STR("ver más"), ED_STR("ver también"),
    ED_STR("véase también"), ED_STR("más información"), ED_STR("más"),
    ED_STR("relacionado"), ED_STR("relacionadas"),
    ED_STR("noticias relacionadas"), ED_STR("no te pierdas"),
    ED_STR("sigue leyendo"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_es[] = {
    ED_STR("opinión"), ED_STR("opinion"), ED_STR("opiniones"),
    ED_STR("columna"), ED_STR("columnas"), ED_STR("columna de opinión"),
    ED_STR("columnistas"), ED_STR("tribuna"), ED_STR("tribunas"),
    ED_STR("comentario"),
    ED_STR("comentarios"), ED_STR("punto de vista"), ED_STR("firmas"),
    ED_STR("análisis y opinión"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_fr[] = {
    ED_STR("lire aussi"), ED_STR("à lire aussi"), ED_STR("a lire aussi"),
    ED_STR("à lire"), ED_STR("a lire"), ED_STR("à lire également"),
    ED_STR("a lire egalement"), ED_STR("lire également"),
    ED_STR("lire egalement"), ED_STR("lire la suite"), ED_STR("lisez aussi"),
    ED_STR("lire plus"), ED_STR("en savoir plus"), ED_STR("voir aussi"),
    ED_STR("à voir aussi"), ED_STR("pour aller plus loin"),
    ED_STR("sur le même sujet"), ED_STR("lire l'article"), ED_STR("plus"),
    ED_STR("plus d'informations"), ED_STR("articles liés"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_fr[] = {
    ED_STR("opinion"), ED_STR("opinions"), ED_STR("débat"), ED_STR("débats"),
    ED_STR("débats & opinions"), ED_STR("tribune"), ED_STR("tribunes"),
    ED_STR("éditorial"), ED_STR("éditoriaux"), ED_STR("édito"),
    ED_STR("éditos"), ED_STR("chronique"), ED_STR("chroniques"),
    ED_STR("idées"), ED_STR("point de vue"), ED_STR("points de vue"),
    ED_STR("billet"), ED_STR("commentaire"), ED_STR("commentaires"),
    ED_STR("libre opinion"), ED_STR("carte blanche"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_de[] = {
    ED_STR("lesen sie auch"), ED_STR("lesen sie mehr"),
    ED_STR("lesen sie hier"), ED_STR("lesen sie dazu"),
    ED_STR("lesen sie dazu auch"), ED_STR("mehr lesen"), ED_STR("mehr dazu"),
    ED_STR("mehr dazu lesen"), ED_STR("mehr zum thema"), ED_STR("mehr"),
    ED_STR("weiterlesen"), ED_STR("weitere informationen"),
    ED_STR("auch interessant"), ED_STR("das könnte sie auch interessieren"),
    ED_STR("siehe auch"), ED_STR("zum thema"), ED_STR("lies auch"),
    ED_STR("passend dazu"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_de[] = {
    ED_STR("meinung"), ED_STR("meinungen"), ED_STR("kommentar"),
    ED_STR("kommentare"), ED_STR("leitartikel"), ED_STR("gastbeitrag"),
    ED_STR("gastbeiträge"), ED_STR("gastkommentar"), ED_STR("kolumne"),
    ED_STR("kolumnen"), ED_STR("debatte"), ED_STR("debatten"),
    ED_STR("standpunkt"), ED_STR("standpunkte"), ED_STR("ansichten"),
    ED_STR("leserbriefe"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_ru[] = {
    ED_STR("читайте также"), ED_STR("читать также"), ED_STR("читайте еще"),
    ED_STR("читайте ещё"), ED_STR("читать далее"), ED_STR("читать дальше"),
    ED_STR("читать еще"), ED_STR("читать ещё"), ED_STR("читать подробнее"),
    ED_STR("читайте подробнее"), ED_STR("читать"), ED_STR("подробнее"),
    ED_STR("подробности"), ED_STR("еще по теме"), ED_STR("ещё по теме"),
    ED_STR("по теме"), ED_STR("материалы по теме"), ED_STR("смотрите также"),
    ED_STR("см. также"), ED_STR("узнать больше"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_ru[] = {
    ED_STR("мнение"), ED_STR("мнения"), ED_STR("колонка"), ED_STR("колонки"),
    ED_STR("колумнисты"), ED_STR("авторские колонки"), ED_STR("комментарий"),
    ED_STR("комментарии"), ED_STR("точка зрения"), ED_STR("взгляд"),
    ED_STR("аналитика и мнения"), ED_STR("редакционная статья"),
    ED_STR("от редакции"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_tr[] = {
    ED_STR("ilgili haber"), ED_STR("ilgili haberler"), ED_STR("İlgİlİ haber"),
    ED_STR("İlgİlİ haberler"), ED_STR("ilgili"), ED_STR("İlgİlİ"),
    ED_STR("İlgili haber"), ED_STR("İlgili haberler"), ED_STR("İlgili"),
    ED_STR("ayrıca oku"), ED_STR("ayrica oku"), ED_STR("ayrıca okuyun"),
    ED_STR("ayrica okuyun"), ED_STR("bunu da oku"), ED_STR("bunu da okuyun"),
    ED_STR("devamını oku"), ED_STR("devamini oku"), ED_STR("devamı"),
    ED_STR("devami"), ED_STR("daha fazla oku"), ED_STR("daha fazla"),
    ED_STR("ayrıca bakınız"), ED_STR("ayrica bakiniz"),
    ED_STR("okumaya devam et"), ED_STR("bunlar da ilginizi çekebilir"),
    ED_STR("bunlar da İlgİnİzİ çekebİlİr"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_tr[] = {
    ED_STR("görüş"), ED_STR("görüşler"), ED_STR("yorum"), ED_STR("yorumlar"),
    ED_STR("köşe yazısı"), ED_STR("köşe yazıları"), ED_STR("köşe yazilari"),
    ED_STR("yazarlar"), ED_STR("yazar"), ED_STR("fikir"), ED_STR("düşünce"),
    ED_STR("analiz ve yorum"), ED_STR("başyazı"), ED_STR("başyazi"),
    ED_STR_EMPTY
};


static const ed_str_t  ed_written_pt[] = {
    ED_STR("leia mais"), ED_STR("leia também"), ED_STR("leia tambem"),
    ED_STR("leia ainda"), ED_STR("leia"), ED_STR("ler mais"),
    ED_STR("ler também"), ED_STR("ler tambem"), ED_STR("veja mais"),
    ED_STR("veja também"), ED_STR("veja tambem"), ED_STR("ver também"),
    ED_STR("ver mais"), ED_STR("saiba mais"), ED_STR("mais"),
    ED_STR("confira também"), ED_STR("confira"), ED_STR("relacionado"),
    ED_STR("relacionadas"), ED_STR("notícias relacionadas"),
    ED_STR("não perca"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_pt[] = {
    ED_STR("opinião"), ED_STR("opiniao"), ED_STR("opiniões"),
    ED_STR("colunas"), ED_STR("coluna"), ED_STR("colunistas"),
    ED_STR("colunista"), ED_STR("artigo de opinião"),
    ED_STR("artigos de opinião"),
    ED_STR("comentário"), ED_STR("comentários"), ED_STR("tribuna"),
    ED_STR("ponto de vista"), ED_STR("tendências / debates"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_zh[] = {
    ED_STR("延伸阅读"), ED_STR("延伸閱讀"), ED_STR("阅读更多"), ED_STR("閱讀更多"),
    ED_STR("更多"), ED_STR("相关阅读"), ED_STR("相關閱讀"), ED_STR("相关新闻"),
    ED_STR("相關新聞"), ED_STR("相关报道"), ED_STR("相關報道"), ED_STR("相关文章"),
    ED_STR("相關文章"), ED_STR("推荐阅读"), ED_STR("推薦閱讀"), ED_STR("另请阅读"),
    ED_STR("另請閱讀"), ED_STR("扩展阅读"), ED_STR("更多阅读"), ED_STR("更多閱讀"),
    ED_STR("看更多"), ED_STR("参见"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_zh[] = {
    ED_STR("观点"), ED_STR("觀點"), ED_STR("评论"), ED_STR("評論"), ED_STR("社论"),
    ED_STR("社論"), ED_STR("言论"), ED_STR("言論"), ED_STR("时评"), ED_STR("時評"),
    ED_STR("专栏"), ED_STR("專欄"), ED_STR("意见"), ED_STR("意見"), ED_STR("观点与评论"),
    ED_STR("觀點與評論"), ED_STR("名家专栏"), ED_STR("投书"), ED_STR("投書"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_it[] = {
    ED_STR("leggi anche"), ED_STR("leggi di più"), ED_STR("leggi di piu"),
    ED_STR("leggi tutto"), ED_STR("leggi l'articolo"), ED_STR("leggi pure"),
    ED_STR("per approfondire"), ED_STR("approfondisci"),
    ED_STR("approfondimento"), ED_STR("approfondimenti"),
    ED_STR("vedi anche"), ED_STR("continua a leggere"), ED_STR("altro"),
    ED_STR("di più"), ED_STR("ti potrebbe interessare"),
    ED_STR("potrebbe interessarti"), ED_STR("articoli correlati"),
    ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_it[] = {
    ED_STR("opinione"), ED_STR("opinioni"), ED_STR("commento"),
    ED_STR("commenti"),
    ED_STR("il commento"), ED_STR("rubrica"),
    ED_STR("rubriche"), ED_STR("idee"), ED_STR("analisi e commenti"),
    ED_STR("punto di vista"), ED_STR("l'opinione"), ED_STR("blog e opinioni"),
    ED_STR_EMPTY
};


static const ed_str_t  ed_written_nl[] = {
    ED_STR("lees ook"), ED_STR("lees meer"), ED_STR("lees verder"),
    ED_STR("lees hier"), ED_STR("lees hier meer"), ED_STR("lees ook dit"),
    ED_STR("meer lezen"), ED_STR("meer"), ED_STR("meer over dit onderwerp"),
    ED_STR("zie ook"), ED_STR("ook interessant"), ED_STR("bekijk ook"),
    ED_STR("aanbevolen"), ED_STR("gerelateerd"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_nl[] = {
    ED_STR("opinie"), ED_STR("opinies"), ED_STR("mening"), ED_STR("meningen"),
    ED_STR("commentaar"), ED_STR("commentaren"), ED_STR("column"),
    ED_STR("columns"), ED_STR("redactioneel"),
    ED_STR("hoofdredactioneel commentaar"), ED_STR("opinie & debat"),
    ED_STR("debat"), ED_STR("ingezonden"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_pl[] = {
    ED_STR("czytaj także"), ED_STR("czytaj takze"), ED_STR("czytaj też"),
    ED_STR("czytaj tez"), ED_STR("czytaj więcej"), ED_STR("czytaj wiecej"),
    ED_STR("czytaj dalej"), ED_STR("przeczytaj także"),
    ED_STR("przeczytaj też"), ED_STR("przeczytaj również"),
    ED_STR("przeczytaj więcej"), ED_STR("zobacz także"), ED_STR("zobacz też"),
    ED_STR("zobacz również"), ED_STR("zobacz więcej"), ED_STR("więcej"),
    ED_STR("wiecej"), ED_STR("polecamy"), ED_STR("powiązane"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_pl[] = {
    ED_STR("opinia"), ED_STR("opinie"), ED_STR("komentarz"),
    ED_STR("komentarze"), ED_STR("felieton"), ED_STR("felietony"),
    ED_STR("publicystyka"), ED_STR("publicyści"), ED_STR("punkt widzenia"),
    ED_STR("od redakcji"), ED_STR("wstępniak"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_uk[] = {
    ED_STR("читайте також"), ED_STR("читати також"), ED_STR("читайте ще"),
    ED_STR("читати далі"), ED_STR("читайте далі"), ED_STR("читати більше"),
    ED_STR("читайте більше"), ED_STR("читати"), ED_STR("детальніше"),
    ED_STR("докладніше"), ED_STR("дивіться також"), ED_STR("дивись також"),
    ED_STR("див. також"), ED_STR("за темою"), ED_STR("до теми"),
    ED_STR("більше"), ED_STR("матеріали за темою"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_uk[] = {
    ED_STR("думка"), ED_STR("думки"), ED_STR("погляд"), ED_STR("погляди"),
    ED_STR("колонка"), ED_STR("колонки"), ED_STR("коментар"),
    ED_STR("коментарі"), ED_STR("блоги та думки"), ED_STR("точка зору"),
    ED_STR("публіцистика"), ED_STR("від редакції"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_he[] = {
    ED_STR("קראו גם"), ED_STR("קראו עוד"), ED_STR("קרא גם"),
    ED_STR("קרא עוד"), ED_STR("קראי עוד"), ED_STR("לקריאה נוספת"),
    ED_STR("עוד בנושא"), ED_STR("עוד באותו נושא"), ED_STR("להמשך קריאה"),
    ED_STR("המשיכו לקרוא"), ED_STR("ראו גם"), ED_STR("ראה גם"), ED_STR("עוד"),
    ED_STR("כתבות נוספות"), ED_STR("כתבות קשורות"),
    ED_STR("אולי יעניין אותך"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_he[] = {
    ED_STR("דעה"), ED_STR("דעות"), ED_STR("דעות ופרשנות"), ED_STR("פרשנות"),
    ED_STR("פרשנות ודעות"), ED_STR("טור"), ED_STR("טורים"), ED_STR("טור דעה"),
    ED_STR("טורי דעה"), ED_STR("מאמר דעה"), ED_STR("מאמר מערכת"),
    ED_STR("מאמרים"), ED_STR("מאמרי דעה"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_fa[] = {
    ED_STR("بیشتر بخوانید"), ED_STR("بیشتر بخوانيد"),
    ED_STR("همچنین بخوانید"), ED_STR("این را هم بخوانید"),
    ED_STR("این مطلب را هم بخوانید"), ED_STR("ادامه مطلب"),
    ED_STR("مطالب مرتبط"), ED_STR("اخبار مرتبط"), ED_STR("مرتبط"),
    ED_STR("بیشتر"), ED_STR("نیز بخوانید"), ED_STR("بخوانید"),
    ED_STR("حتما بخوانید"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_fa[] = {
    ED_STR("دیدگاه"), ED_STR("دیدگاهها"), ED_STR("دیدگاه ها"), ED_STR("نظر"),
    ED_STR("نظرات"), ED_STR("یادداشت"), ED_STR("یادداشتها"),
    ED_STR("یادداشت ها"), ED_STR("یادداشت روز"), ED_STR("سرمقاله"),
    ED_STR("مقاله"), ED_STR("مقالات"), ED_STR("تفسیر"), ED_STR("ستون"),
    ED_STR_EMPTY
};


static const ed_str_t  ed_written_ur[] = {
    ED_STR("مزید پڑھیں"), ED_STR("مزید پڑھئے"), ED_STR("مزید پڑھیے"),
    ED_STR("یہ بھی پڑھیں"), ED_STR("یہ بھی پڑھئے"), ED_STR("یہ بھی پڑھیے"),
    ED_STR("مزید"), ED_STR("مزید جانیں"), ED_STR("متعلقہ خبریں"),
    ED_STR("متعلقہ مضامین"), ED_STR("اسی بارے میں"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_ur[] = {
    ED_STR("رائے"), ED_STR("آراء"), ED_STR("نقطہ نظر"), ED_STR("نقطۂ نظر"),
    ED_STR("کالم"), ED_STR("کالمز"), ED_STR("بلاگ و کالم"), ED_STR("اداریہ"),
    ED_STR("اداریے"), ED_STR("تبصرہ"), ED_STR("تبصرے"),
    ED_STR("تجزیہ اور تبصرے"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_hi[] = {
    ED_STR("यह भी पढ़ें"), ED_STR("ये भी पढ़ें"), ED_STR("इसे भी पढ़ें"),
    ED_STR("और पढ़ें"), ED_STR("यह भी देखें"), ED_STR("ये भी देखें"),
    ED_STR("और देखें"), ED_STR("संबंधित खबरें"), ED_STR("संबंधित ख़बरें"),
    ED_STR("ज़्यादा जानें"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_hi[] = {
    ED_STR("विचार"), ED_STR("राय"), ED_STR("नज़रिया"), ED_STR("नजरिया"),
    ED_STR("दृष्टिकोण"), ED_STR("संपादकीय"), ED_STR("सम्पादकीय"),
    ED_STR("ब्लॉग"), ED_STR("स्तंभ"), ED_STR("टिप्पणी"), ED_STR("अभिमत"),
    ED_STR("ओपिनियन"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_ja[] = {
    ED_STR("関連記事"), ED_STR("あわせて読みたい"), ED_STR("合わせて読みたい"), ED_STR("併せて読みたい"),
    ED_STR("続きを読む"), ED_STR("もっと読む"), ED_STR("もっと見る"), ED_STR("こちらも読む"),
    ED_STR("関連ニュース"), ED_STR("関連"), ED_STR("おすすめ記事"), ED_STR("こちらもおすすめ"),
    ED_STR("詳しくはこちら"), ED_STR("参考記事"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_ja[] = {
    ED_STR("オピニオン"), ED_STR("社説"), ED_STR("論説"), ED_STR("社説・論説"),
    ED_STR("意見"), ED_STR("コラム"), ED_STR("論壇"), ED_STR("主張"), ED_STR("評論"),
    ED_STR("視点"), ED_STR("声"), ED_STR("寄稿"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_ko[] = {
    ED_STR("관련 기사"), ED_STR("관련기사"), ED_STR("관련 뉴스"), ED_STR("관련뉴스"),
    ED_STR("더 읽기"), ED_STR("더 읽어보기"), ED_STR("더보기"), ED_STR("더 보기"),
    ED_STR("함께 읽기"), ED_STR("함께 읽으면 좋은 기사"), ED_STR("이어서 읽기"),
    ED_STR("계속 읽기"), ED_STR("추천 기사"), ED_STR("추천기사"), ED_STR("관련 글"),
    ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_ko[] = {
    ED_STR("오피니언"), ED_STR("사설"), ED_STR("칼럼"), ED_STR("논설"), ED_STR("의견"),
    ED_STR("시론"), ED_STR("기고"), ED_STR("사설·칼럼"), ED_STR("사설/칼럼"),
    ED_STR("여론"), ED_STR("시평"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_id[] = {
    ED_STR("baca juga"), ED_STR("baca selengkapnya"),
    ED_STR("baca lebih lanjut"), ED_STR("baca lainnya"), ED_STR("baca lagi"),
    ED_STR("baca pula"), ED_STR("baca"), ED_STR("lihat juga"),
    ED_STR("simak juga"), ED_STR("selengkapnya"), ED_STR("berita terkait"),
    ED_STR("artikel terkait"), ED_STR("terkait"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_id[] = {
    ED_STR("opini"), ED_STR("opini publik"), ED_STR("kolom"),
    ED_STR("kolumnis"), ED_STR("tajuk"), ED_STR("tajuk rencana"),
    ED_STR("komentar"), ED_STR("pendapat"),
    ED_STR("pandangan"), ED_STR("perspektif"), ED_STR("gagasan"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_sv[] = {
    ED_STR("läs också"), ED_STR("läs även"), ED_STR("läs mer"),
    ED_STR("läs vidare"), ED_STR("läs hela artikeln"), ED_STR("läs här"),
    ED_STR("läs mer om detta"), ED_STR("mer om"), ED_STR("mer"),
    ED_STR("se även"), ED_STR("se också"), ED_STR("relaterat"),
    ED_STR("missa inte"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_sv[] = {
    ED_STR("åsikt"), ED_STR("åsikter"), ED_STR("debatt"),
    ED_STR("debattartikel"), ED_STR("ledare"), ED_STR("ledarsidan"),
    ED_STR("opinion"), ED_STR("kommentar"), ED_STR("kommentarer"),
    ED_STR("krönika"), ED_STR("krönikor"), ED_STR("kolumn"),
    ED_STR("kolumner"), ED_STR("insändare"), ED_STR_EMPTY
};


static const ed_str_t  ed_written_el[] = {
    ED_STR("διαβάστε επίσης"), ED_STR("διαβαστε επισης"),
    ED_STR("διαβάστε περισσότερα"), ED_STR("διαβαστε περισσοτερα"),
    ED_STR("διαβάστε ακόμα"), ED_STR("διαβαστε ακομα"),
    ED_STR("διαβάστε ακόμη"), ED_STR("διαβαστε ακομη"),
    ED_STR("διαβάστε και"), ED_STR("διαβαστε και"),
    ED_STR("διαβάστε σχετικά"), ED_STR("διαβαστε σχετικα"),
    ED_STR("διαβάστε"), ED_STR("διαβαστε"), ED_STR("δείτε επίσης"),
    ED_STR("δειτε επισης"), ED_STR("σχετικά άρθρα"), ED_STR("σχετικα αρθρα"),
    ED_STR("περισσότερα"), ED_STR("περισσοτερα"), ED_STR_EMPTY
};


static const ed_str_t  ed_opinion_el[] = {
    ED_STR("γνώμη"), ED_STR("γνωμη"), ED_STR("γνώμες"), ED_STR("γνωμες"),
    ED_STR("άποψη"), ED_STR("αποψη"), ED_STR("απόψεις"), ED_STR("αποψεις"),
    ED_STR("σχόλιο"), ED_STR("σχολιο"), ED_STR("σχόλια"), ED_STR("σχολια"),
    ED_STR("αρθρογραφία"), ED_STR("αρθρογραφια"), ED_STR("στήλες"),
    ED_STR("κύριο άρθρο"), ED_STR_EMPTY
};


static const ed_language_t  ed_language_list[] = {
    { ED_STR("en"), ED_STR("Read more"), ED_STR("Pull quote"),
      ed_written_en, ed_opinion_en, 0 },
    { ED_STR("ar"), ED_STR("اقرأ المزيد"), ED_STR("اقتباس"),
      ed_written_ar, ed_opinion_ar, 1 },
    { ED_STR("es"), ED_STR("Leer más"), ED_STR("Cita destacada"),
      ed_written_es, ed_opinion_es, 0 },
    { ED_STR("fr"), ED_STR("Lire aussi"), ED_STR("Citation"),
      ed_written_fr, ed_opinion_fr, 0 },
    { ED_STR("de"), ED_STR("Lesen Sie auch"), ED_STR("Zitat"),
      ed_written_de, ed_opinion_de, 0 },
    { ED_STR("ru"), ED_STR("Читайте также"), ED_STR("Цитата"),
      ed_written_ru, ed_opinion_ru, 0 },
    { ED_STR("tr"), ED_STR("İlgili haber"), ED_STR("Alıntı"),
      ed_written_tr, ed_opinion_tr, 0 },
    { ED_STR("pt"), ED_STR("Leia mais"), ED_STR("Citação"),
      ed_written_pt, ed_opinion_pt, 0 },
    { ED_STR("zh"), ED_STR("延伸阅读"), ED_STR("摘录"),
      ed_written_zh, ed_opinion_zh, 0 },
    { ED_STR("it"), ED_STR("Leggi anche"), ED_STR("Citazione"),
      ed_written_it, ed_opinion_it, 0 },
    { ED_STR("nl"), ED_STR("Lees ook"), ED_STR("Citaat"),
      ed_written_nl, ed_opinion_nl, 0 },
    { ED_STR("pl"), ED_STR("Czytaj także"), ED_STR("Cytat"),
      ed_written_pl, ed_opinion_pl, 0 },
    { ED_STR("uk"), ED_STR("Читайте також"), ED_STR("Цитата"),
      ed_written_uk, ed_opinion_uk, 0 },
    { ED_STR("he"), ED_STR("קראו גם"), ED_STR("ציטוט"),
      ed_written_he, ed_opinion_he, 1 },
    { ED_STR("fa"), ED_STR("بیشتر بخوانید"), ED_STR("نقل قول"),
      ed_written_fa, ed_opinion_fa, 1 },
    { ED_STR("ur"), ED_STR("مزید پڑھیں"), ED_STR("اقتباس"),
      ed_written_ur, ed_opinion_ur, 1 },
    { ED_STR("hi"), ED_STR("यह भी पढ़ें"), ED_STR("उद्धरण"),
      ed_written_hi, ed_opinion_hi, 0 },
    { ED_STR("ja"), ED_STR("関連記事"), ED_STR("引用"),
      ed_written_ja, ed_opinion_ja, 0 },
    { ED_STR("ko"), ED_STR("관련 기사"), ED_STR("인용문"),
      ed_written_ko, ed_opinion_ko, 0 },
    { ED_STR("id"), ED_STR("Baca juga"), ED_STR("Kutipan"),
      ed_written_id, ed_opinion_id, 0 },
    { ED_STR("sv"), ED_STR("Läs också"), ED_STR("Citat"),
      ed_written_sv, ed_opinion_sv, 0 },
    { ED_STR("el"), ED_STR("Διαβάστε επίσης"), ED_STR("Απόσπασμα"),
      ed_written_el, ed_opinion_el, 0 }
};


const ed_language_t *
ed_language_find(ed_str_t lang)
{
    size_t    i, n;
    ed_str_t  tag;

    for (tag = lang, tag.len = 0; tag.len < lang.len; tag.len++) {
        if (lang.data[tag.len] == '-' || lang.data[tag.len] == '_') {
            break;
        }
    }

    n = sizeof(ed_language_list) / sizeof(ed_language_list[0]);

    for (i = 0; i < n; i++) {
        if (ed_str_caseeq(ed_language_list[i].tag, tag)) {
            return &ed_language_list[i];
        }
    }

    return &ed_language_list[0];
}


const ed_language_t *
ed_languages(size_t *n)
{
    *n = sizeof(ed_language_list) / sizeof(ed_language_list[0]);

    return ed_language_list;
}
