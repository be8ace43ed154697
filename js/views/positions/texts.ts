/** What the view of positions says. */

import type { Help, Text } from "../../language/say";
import type { Encoding } from "../../trace/description";

export const POSITIONS = {
  name: { en: "Positions", vi: "Vị trí", ru: "Позиции" },
  title: { en: "Positions", vi: "Vị trí của token", ru: "Позиции токенов" },
  help: {
    short: {
      en: "How the model tells the first token from the second: its own numbers for each position.",
      vi: "Mô hình phân biệt token thứ nhất với thứ hai ra sao: số của chính nó cho mỗi vị trí.",
      ru: "Как модель отличает первый токен от второго: её собственные числа для каждой позиции.",
    },
    more: {
      en: "Attention by itself does not know the order of tokens. The left picture shows what the model adds or turns at each position, the right one what that makes of any two positions. A click on a row selects its token in every view; where rows are heads or distances, that head or two tokens so far apart. The numbers are the model’s own, as this pass used them.",
      vi: "Bản thân cơ chế chú ý không biết thứ tự các token. Hình bên trái cho biết mô hình cộng thêm hoặc xoay gì ở mỗi vị trí, hình bên phải cho biết điều đó tạo ra gì giữa hai vị trí bất kỳ. Nhấp vào một hàng để chọn token đó ở mọi khung nhìn; nếu hàng là đầu chú ý hay khoảng cách thì chọn đầu đó, hoặc hai token cách nhau như vậy. Đây là số của chính mô hình, đúng như lượt chạy này đã dùng.",
      ru: "Само внимание не знает порядка токенов. Слева показано, что модель прибавляет или поворачивает в каждой позиции, справа — что из этого получается для любых двух позиций. Щелчок по строке выбирает её токен во всех панелях; если строки — головы или расстояния, то голову или два токена на таком расстоянии. Числа принадлежат самой модели, как их использовал этот проход.",
    },
  },
  needs: { en: "position tables", vi: "bảng vị trí", ru: "таблицы позиций" },
  position: { en: "position", vi: "vị trí", ru: "позиция" },
  dimension: { en: "dimension", vi: "chiều", ru: "измерение" },
  pair: { en: "pair", vi: "cặp", ru: "пара" },
  head: { en: "head", vi: "đầu", ru: "голова" },
  distance: { en: "query − key", vi: "truy vấn − khóa", ru: "запрос − ключ" },
  query: { en: "query", vi: "truy vấn", ru: "запрос" },
  key: { en: "key", vi: "khóa", ru: "ключ" },
  row: { en: "row of the table", vi: "hàng của bảng", ru: "строка таблицы" },
  cosine: { en: "cosine of two rows", vi: "cosin của hai hàng", ru: "косинус двух строк" },
  angle: { en: "cosine of the angle", vi: "cosin của góc", ru: "косинус угла" },
  left: { en: "what is left of q · k", vi: "phần còn lại của q · k", ru: "что остаётся от q · k" },
  bias: { en: "bias", vi: "độ lệch", ru: "смещение" },
  biases: { en: "bias, all heads", vi: "độ lệch, mọi đầu", ru: "смещение, все головы" },
  biasOf: { en: "bias, head {head}", vi: "độ lệch, đầu {head}", ru: "смещение, голова {head}" },
  bucket: { en: "row of the distance", vi: "hàng của khoảng cách", ru: "строка расстояния" },
  bucketIs: {
    en: "row {n} from that of distance 0",
    vi: "hàng {n} tính từ hàng của khoảng cách 0",
    ru: "строка {n} от строки расстояния 0",
  },
  which: { en: "Positions", vi: "Vị trí", ru: "Позиции" },
  table: {
    en: "Position by dimension; arrow keys move from cell to cell",
    vi: "Vị trí theo chiều; phím mũi tên đi từ ô này sang ô khác",
    ru: "Позиция и измерение; стрелки ведут от клетки к клетке",
  },
  distances: {
    en: "Distance by dimension; arrow keys move from cell to cell",
    vi: "Khoảng cách theo chiều; phím mũi tên đi từ ô này sang ô khác",
    ru: "Расстояние и измерение; стрелки ведут от клетки к клетке",
  },
  pairs: {
    en: "Position by position; arrow keys move from cell to cell",
    vi: "Vị trí theo vị trí; phím mũi tên đi từ ô này sang ô khác",
    ru: "Позиция и позиция; стрелки ведут от клетки к клетке",
  },
  at: { en: "position {n}: {token}", vi: "vị trí {n}: {token}", ru: "позиция {n}: {token}" },
  angleOf: {
    en: "angle {angle} rad, a full turn every {length} positions",
    vi: "góc {angle} rad, cứ {length} vị trí thì quay trọn một vòng",
    ru: "угол {angle} рад, полный оборот за {length} позиций",
  },
  unseen: {
    en: "no query sees such a key",
    vi: "không truy vấn nào thấy khóa như vậy",
    ru: "ни один запрос не видит такой ключ",
  },
  exact: {
    en: "Exact: read off this pass of the model.",
    vi: "Chính xác: đọc ra từ chính lượt chạy này của mô hình.",
    ru: "Точно: взято из этого прохода модели.",
  },
  first: {
    en: "The first {n} of {all} positions.",
    vi: "{n} vị trí đầu trong số {all}.",
    ru: "Первые {n} позиций из {all}.",
  },
  turned: {
    en: "{turned} of the {dim} dimensions of a head are turned.",
    vi: "{turned} trong {dim} chiều của mỗi đầu được xoay.",
    ru: "Поворачиваются {turned} из {dim} измерений головы.",
  },
  scaled: {
    en: "Sines and cosines are multiplied by {scaling}.",
    vi: "Sin và cosin được nhân với {scaling}.",
    ru: "Синусы и косинусы умножены на {scaling}.",
  },
  alsoHas: {
    en: "This layer also has: {names} (chosen in the settings of this panel).",
    vi: "Lớp này còn có: {names} (chọn trong cài đặt của khung nhìn này).",
    ru: "У этого слоя есть ещё: {names} (выбирается в настройках этой панели).",
  },
  ofDecoder: {
    en: "Cross-attention is told nothing of positions: this is the decoder’s attention to itself.",
    vi: "Chú ý chéo không được cho biết gì về vị trí: đây là chú ý của bộ giải mã tới chính nó.",
    ru: "Перекрёстное внимание ничего не знает о позициях: здесь внимание декодера к самому себе.",
  },
  arrays: {
    en: "Arrays say nothing of positions: what a model adds or turns came before them.",
    vi: "Các mảng không cho biết gì về vị trí: những gì mô hình cộng thêm hay xoay đã xảy ra trước đó.",
    ru: "Массивы ничего не говорят о позициях: всё, что модель прибавляет или поворачивает, было раньше.",
  },
  unknown: {
    en: "How {model} tells positions apart is not known here: no table or rotation was found in this pass, and no bias by distance.",
    vi: "Ở đây không biết {model} phân biệt các vị trí ra sao: trong lượt chạy này không có bảng, phép xoay hay độ lệch theo khoảng cách nào.",
    ru: "Как {model} различает позиции, здесь неизвестно: в этом проходе не найдено ни таблицы, ни поворота, ни смещения по расстоянию.",
  },
  turnsOtherwise: {
    en: "Queries and keys are turned, but by angles that do not follow from one count of the tokens, as where pictures have rows and columns: no picture of them is drawn.",
    vi: "Truy vấn và khóa được xoay, nhưng các góc không tính được từ một thứ tự đếm duy nhất của token, như khi ảnh có hàng và cột: không vẽ hình nào của chúng.",
    ru: "Запросы и ключи поворачиваются, но на углы, которые не следуют из одного счёта токенов, как там, где у изображений есть строки и столбцы: они не рисуются.",
  },
  elsewhere: {
    en: "Layer {layer} has nothing of its own to tell positions apart.",
    vi: "Lớp {layer} không có gì riêng để phân biệt các vị trí.",
    ru: "У слоя {layer} нет ничего своего, чтобы различать позиции.",
  },
} satisfies Record<string, Text | Help>;

export const POSITION_KEYS = {
  where: { en: "On positions", vi: "Trên hình vị trí", ru: "В позициях" },
  selectRow: {
    en: "on the left picture: select the token, head or distance of the row",
    vi: "trên hình bên trái: chọn token, đầu hoặc khoảng cách của hàng",
    ru: "слева: выбрать токен, голову или расстояние строки",
  },
  selectPair: {
    en: "on the right picture: select both tokens",
    vi: "trên hình bên phải: chọn cả hai token",
    ru: "справа: выбрать оба токена",
  },
} satisfies Record<string, Text>;

export const ENCODING_NAMES: Readonly<Record<Encoding, Text>> = {
  learned: { en: "Learned table", vi: "Bảng học được", ru: "Обучаемая таблица" },
  sinusoidal: { en: "Sinusoidal table", vi: "Bảng hình sin", ru: "Синусоидальная таблица" },
  rotary: { en: "Rotary (RoPE)", vi: "Phép xoay (RoPE)", ru: "Повороты (RoPE)" },
  relative: { en: "Relative bias", vi: "Độ lệch tương đối", ru: "Относительное смещение" },
  relative_table: {
    en: "Table by distance",
    vi: "Bảng theo khoảng cách",
    ru: "Таблица по расстоянию",
  },
  relative_sinusoidal: {
    en: "Sines by distance",
    vi: "Hình sin theo khoảng cách",
    ru: "Синусоиды по расстоянию",
  },
  alibi: { en: "ALiBi slopes", vi: "Độ dốc ALiBi", ru: "Наклоны ALiBi" },
  none: { en: "No positions", vi: "Không có vị trí", ru: "Без позиций" },
  other: { en: "Depends on the text", vi: "Phụ thuộc vào văn bản", ru: "Зависит от текста" },
};

export const MEANINGS: Readonly<Record<Encoding, Text>> = {
  learned: {
    en: "A trained row is added to the embedding of each token, by its position.",
    vi: "Một hàng đã được huấn luyện được cộng vào vectơ nhúng của mỗi token, theo vị trí của nó.",
    ru: "К эмбеддингу каждого токена прибавляется обученная строка его позиции.",
  },
  sinusoidal: {
    en: "Sines and cosines of the position are added to the embedding: hands of clocks of many speeds.",
    vi: "Sin và cosin của vị trí được cộng vào vectơ nhúng: như kim của những chiếc đồng hồ chạy nhanh chậm khác nhau.",
    ru: "К эмбеддингу прибавляются синусы и косинусы позиции: стрелки часов с разной скоростью.",
  },
  rotary: {
    en: "Pairs of dimensions of queries and keys are turned by an angle that grows with the position, so scores see the distance alone.",
    vi: "Từng cặp chiều của truy vấn và khóa được xoay một góc tăng theo vị trí, nên điểm chỉ thấy khoảng cách.",
    ru: "Пары измерений запросов и ключей поворачиваются на угол, растущий с позицией, и оценки видят лишь расстояние.",
  },
  relative: {
    en: "Each head adds a trained number to a score, by how far the key is from the query.",
    vi: "Mỗi đầu cộng vào điểm một số đã được huấn luyện, tùy khóa cách truy vấn bao xa.",
    ru: "Каждая голова прибавляет к оценке обученное число по расстоянию от запроса до ключа.",
  },
  relative_table: {
    en: "A trained row for each distance; far distances may share one. Queries and keys are multiplied with what the layer makes of the row, so what that adds to a score depends on the text as well: see the step “bias” of the calculation.",
    vi: "Mỗi khoảng cách có một hàng đã được huấn luyện; các khoảng cách xa có thể dùng chung hàng. Truy vấn và khóa được nhân với thứ mà lớp tạo ra từ hàng đó, nên phần cộng vào điểm còn phụ thuộc vào văn bản: xem bước “độ lệch” của phép tính.",
    ru: "Обученная строка для каждого расстояния; у дальних она может быть общей. Запросы и ключи умножаются на то, что слой делает из строки, поэтому прибавка к оценке зависит и от текста: см. шаг «смещение» в вычислении.",
  },
  relative_sinusoidal: {
    en: "Sines and cosines of each distance. Queries are multiplied with what the layer makes of the row, so what that adds to a score depends on the text as well: see the step “bias” of the calculation.",
    vi: "Sin và cosin của mỗi khoảng cách. Truy vấn được nhân với thứ mà lớp tạo ra từ hàng đó, nên phần cộng vào điểm còn phụ thuộc vào văn bản: xem bước “độ lệch” của phép tính.",
    ru: "Синусы и косинусы каждого расстояния. Запросы умножаются на то, что слой делает из строки, поэтому прибавка к оценке зависит и от текста: см. шаг «смещение» в вычислении.",
  },
  alibi: {
    en: "Each head takes a slope times the distance away from a score: far keys count less.",
    vi: "Mỗi đầu trừ khỏi điểm một độ dốc nhân với khoảng cách: khóa càng xa càng ít được tính.",
    ru: "Каждая голова вычитает из оценки наклон, умноженный на расстояние: дальние ключи весят меньше.",
  },
  none: {
    en: "The attention of these layers is told nothing of positions; other layers or the mask tell them apart.",
    vi: "Chú ý của các lớp này không được cho biết gì về vị trí; các lớp khác hoặc mặt nạ phân biệt chúng.",
    ru: "Внимание этих слоёв ничего не знает о позициях; их различают другие слои или маска.",
  },
  other: {
    en: "What is added to the scores depends on the text as well as on the distance, and no table that makes it is known.",
    vi: "Phần cộng vào điểm phụ thuộc cả văn bản lẫn khoảng cách, và không biết bảng nào tạo ra nó.",
    ru: "То, что прибавляется к оценкам, зависит не только от расстояния, но и от текста; таблица, из которой оно получено, неизвестна.",
  },
};
