/** The topic of an example. Its title is the translation `examples.<topic>`. */
type ExampleTopic =
  'machineLearning' | 'learnPython' | 'faq' | 'code' | 'law' | 'product' | 'crossLingual' | 'nothingFits';

/** An example that can be run with one click. */
export interface Example {
  id: `${Example['language']}-${ExampleTopic}`;
  /** The language of most of its texts. */
  language: 'en' | 'zh';
  titleKey: `examples.${ExampleTopic}`;
  query: string;
  documents: readonly string[];
}

type ExampleTexts = Pick<Example, 'query' | 'documents'>;

const english = {
  faq: {
    query: 'I forgot my password. How do I get back into my account?',
    documents: [
      'Invoices are sent by e-mail on the first working day of each month.',
      'To change the address of your account, open Settings and choose Profile.',
      'On the sign-in page choose "Reset password"; we send you a link that works for one hour.',
      'After five wrong passwords we lock the account for ten minutes.',
      'You can close your account at any time; its data is erased within 30 days.',
      'Our support team answers on weekdays between nine and six.',
    ],
  },
  code: {
    query: 'remove duplicate elements from a list but keep their order',
    documents: [
      'def flatten(lists):\n    return [item for inner in lists for item in inner]',
      'def chunks(items, size):\n    for start in range(0, len(items), size):\n        yield items[start:start + size]',
      'def unique(items):\n    seen = set()\n    return [item for item in items if not (item in seen or seen.add(item))]',
      'def shuffled(items, seed):\n    copy = list(items)\n    random.Random(seed).shuffle(copy)\n    return copy',
      'def count_words(text):\n    return Counter(text.lower().split())',
    ],
  },
  law: {
    query: 'When does the landlord have to give the deposit back?',
    documents: [
      'The tenant pays the rent by the third day of each month to the account named below.',
      'Small repairs up to 80 euros in each case are paid for by the tenant.',
      'Within six weeks after the keys are handed over, the landlord repays the security less what is still owed.',
      'The tenant pays a security of two monthly rents before moving in.',
      'Either side may end this contract with three months of notice to the end of a month.',
      'Pets other than small animals in cages need the consent of the landlord.',
    ],
  },
  product: {
    query: 'quiet headphones for long flights',
    documents: [
      'Wired studio headphones with an open back, made for mixing in silent rooms.',
      'Sports earbuds, sweatproof, with ear hooks that stay in place while running.',
      'Over-ear wireless headphones that cancel engine noise, soft cushions, 40 hours on one charge.',
      'A neck pillow of memory foam that packs down to the size of a fist.',
      'Gaming headset with a microphone on a boom and coloured lights.',
      'Foam earplugs, 50 pairs, for concerts and building sites.',
    ],
  },
  crossLingual: {
    query: 'What should I do when my train is cancelled?',
    documents: [
      '行李超过二十公斤需要另外购票。',
      '列车停运时，您可以免费改签下一班列车，或者在三十天内全额退票。',
      'Im Speisewagen bekommen Sie warme Gerichte zwischen elf und zwanzig Uhr.',
      'Los menores de cuatro años viajan gratis si no ocupan asiento.',
      'Les vélos pliants sont acceptés à bord sans supplément.',
    ],
  },
  nothingFits: {
    query: 'How do I replace the battery of a wristwatch?',
    documents: [
      'Tomatoes need six hours of sun a day and even watering.',
      'The museum is closed on Mondays and on public holidays.',
      'A haiku has seventeen syllables in three lines.',
      'Whales breathe through a blowhole on top of the head.',
    ],
  },
} satisfies Partial<Record<ExampleTopic, ExampleTexts>>;

const chinese = {
  machineLearning: {
    query: '什么是机器学习?',
    documents: ['机器学习是人工智能的一个分支', '深度学习是机器学习的一种方法', '统计学是数据分析的基础'],
  },
  learnPython: {
    query: '如何学习Python编程?',
    documents: ['Python是一种高级编程语言', '建议从基础语法开始学习', '多写代码实践很重要'],
  },
  faq: {
    query: '买的东西不合适，怎么退货？',
    documents: [
      '会员每年生日当月可以领取一张优惠券。',
      '订单发货后，您会收到带有快递单号的短信。',
      '收到商品七天内，在“我的订单”里点击“申请退货”，快递员会上门取件。',
      '发票会在付款后的第二天发送到您的邮箱。',
      '换货时如果没有相同尺码，我们会把货款退到原来的付款账户。',
      '客服的工作时间是每天早上九点到晚上九点。',
    ],
  },
  code: {
    query: '把数组分成固定大小的小组',
    documents: [
      'const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);',
      'const unique = (items) => [...new Set(items)];',
      'function chunk(items, size) {\n  const groups = [];\n  for (let i = 0; i < items.length; i += size) groups.push(items.slice(i, i + size));\n  return groups;\n}',
      'const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));',
      'const last = (items) => items[items.length - 1];',
    ],
  },
  law: {
    query: '公司可以在试用期内随意辞退员工吗？',
    documents: [
      '员工每年享有带薪年假，工作满一年后为五天。',
      '加班费按照平时工资的一点五倍计算，周末为两倍。',
      '试用期内，公司只有在证明员工不符合录用条件并说明理由时，才能解除合同。',
      '合同期满前三十天，双方应商定是否续签。',
      '员工应当为公司的商业秘密保密，离职以后也是如此。',
      '试用期最长为六个月，期间工资不低于约定工资的百分之八十。',
    ],
  },
  product: {
    query: '适合小户型的安静洗衣机',
    documents: [
      '商用烘干机，容量二十公斤，适合酒店和洗衣店。',
      '迷你滚筒洗衣机，宽四十五厘米，变频电机，夜间模式几乎听不到声音。',
      '双开门冰箱，六百升，带制冰机。',
      '手持吸尘器，重一公斤半，可以清洁床垫。',
      '波轮洗衣机，十二公斤大容量，适合多口之家。',
    ],
  },
  crossLingual: {
    query: '为什么天空是蓝色的？',
    documents: [
      'The sea tastes salty because rivers carry minerals into it.',
      'Leaves turn red in autumn when they stop making chlorophyll.',
      'Air scatters short waves of sunlight more than long ones, so blue reaches us from every side.',
      'A rainbow appears when drops of rain split sunlight into its colours.',
      'The moon shows us always the same face.',
    ],
  },
  nothingFits: {
    query: '怎样给自行车轮胎补胎？',
    documents: [
      '绿茶最好用八十度左右的水冲泡。',
      '图书馆周一闭馆，周末开放到晚上八点。',
      '围棋棋盘上有三百六十一个交叉点。',
      '鲸鱼是哺乳动物，要到水面上呼吸。',
    ],
  },
} satisfies Partial<Record<ExampleTopic, ExampleTexts>>;

/** The examples of each language, in display order. */
export const examples: readonly Example[] = [...examplesIn('en', english), ...examplesIn('zh', chinese)];

function examplesIn(language: Example['language'], byTopic: Partial<Record<ExampleTopic, ExampleTexts>>): Example[] {
  return (Object.entries(byTopic) as [ExampleTopic, ExampleTexts][]).map(([topic, texts]) => ({
    id: `${language}-${topic}`,
    language,
    titleKey: `examples.${topic}`,
    ...texts,
  }));
}
