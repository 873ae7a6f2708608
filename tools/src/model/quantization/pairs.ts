/** Queries with documents of falling relevance, written for this project: English, Chinese, code, and long documents. */
export const measuredQueries: readonly { query: string; documents: readonly string[] }[] = [
  {
    query: 'How do I reset a forgotten password?',
    documents: [
      'On the sign-in page choose "Forgot password". A link to set a new one is sent to your e-mail address and is valid for one hour.',
      'A password must have at least twelve characters. You can change it on the page of your account.',
      'Passwords are stored as salted hashes and are never written to a log.',
      'The reset button of the router is on its back, beside the power connector.',
      'The cafeteria on the second floor serves lunch from noon until two.',
    ],
  },
  {
    query: 'What causes ocean tides?',
    documents: [
      'Tides rise and fall because the gravity of the moon, and to a lesser degree of the sun, pulls on the water of the oceans.',
      'Spring tides occur at full and new moon, when sun and moon pull in one line.',
      'The moon orbits the earth in about 27 days and always shows it the same side.',
      'Ocean water contains about 35 grams of salt per litre.',
      'The harbour office is closed on public holidays.',
    ],
  },
  {
    query: 'side effects of taking too much vitamin D',
    documents: [
      'Very high doses of vitamin D over months raise the level of calcium in the blood, which causes nausea, weakness and kidney stones.',
      'Adults need 15 to 20 micrograms of vitamin D per day.',
      'The skin makes vitamin D when it is exposed to sunlight.',
      'Vitamin C is an antioxidant that citrus fruits contain.',
      'Tickets can be returned until one day before the concert.',
    ],
  },
  {
    query: 'cheap train from Berlin to Prague with a bicycle',
    documents: [
      'EuroCity trains run from Berlin to Prague every two hours. A place for a bicycle must be reserved and costs a few euros.',
      'Saver fares to Prague begin at 20 euros when you book some weeks ahead.',
      'The cycle path along the Elbe leads from Dresden to the Czech border.',
      'Prague is the capital of the Czech Republic and has 1.3 million inhabitants.',
      'The library lends laptops for a day.',
    ],
  },
  {
    query: '怎样给咖啡机除垢？',
    documents: [
      '将除垢剂倒入水箱，按住清洗键三秒启动除垢程序，结束后用清水冲洗两遍。',
      '水质较硬的地区建议每两个月除垢一次，否则加热变慢，咖啡温度不足。',
      '每天使用后请清空滴水盘，并用湿布擦拭蒸汽管。',
      '这款咖啡机有黑色和银色两种颜色可选。',
      '本周末市图书馆将举办儿童故事会。',
    ],
  },
  {
    query: '公司年假可以结转到下一年吗',
    documents: [
      '当年未休完的年假最多可以结转五天，须在次年三月三十一日前休完，逾期作废。',
      '员工入职满一年后每年享有十天带薪年假，满十年后为十五天。',
      '请假须提前三个工作日在系统中提交，由直属主管审批。',
      '公司年会定于一月举行，地点另行通知。',
      '打印机缺纸时请联系前台。',
    ],
  },
  {
    query: '高血压患者能喝咖啡吗',
    documents: [
      '血压控制良好的患者每天一到两杯咖啡一般是安全的；血压较高或对咖啡因敏感者应避免，因为咖啡因会使血压在短时间内升高。',
      '高血压患者应限制食盐，每天不超过五克，并保持规律运动。',
      '一杯咖啡约含一百毫克咖啡因，绿茶约为三十毫克。',
      '咖啡豆原产于埃塞俄比亚，后经也门传入欧洲。',
      '地铁二号线因检修于周日停运。',
    ],
  },
  {
    query: '什么是数据库事务的隔离级别',
    documents: [
      '隔离级别规定一个事务能看到其他并发事务的哪些修改。SQL 标准有四级：读未提交、读已提交、可重复读和可串行化。',
      '可重复读下同一事务内两次读取同一行得到相同的值，但标准允许出现幻读。',
      '索引可以加快查询，但会使写入变慢并占用磁盘。',
      '备份应当存放在另一台机器上，并定期演练恢复。',
      '会议室预订请提前一天。',
    ],
  },
  {
    query: 'debounce a function in JavaScript',
    documents: [
      'function debounce(fn, waitMs) {\n  let timer;\n  return (...args) => {\n    clearTimeout(timer);\n    timer = setTimeout(() => fn(...args), waitMs);\n  };\n}',
      'function throttle(fn, waitMs) {\n  let last = 0;\n  return (...args) => {\n    if (Date.now() - last < waitMs) return;\n    last = Date.now();\n    fn(...args);\n  };\n}',
      'const sum = (values) => values.reduce((total, value) => total + value, 0);',
      'SELECT name, count(*) FROM orders GROUP BY name HAVING count(*) > 10;',
      'The parking garage closes at midnight.',
    ],
  },
  {
    query: 'python: read a large csv file without running out of memory',
    documents: [
      'import csv\n\nwith open("large.csv", newline="") as file:\n    for row in csv.DictReader(file):\n        handle(row)  # one row at a time',
      'for chunk in pandas.read_csv("large.csv", chunksize=100_000):\n    handle(chunk)',
      'frame = pandas.read_csv("small.csv")\nframe.to_parquet("small.parquet")',
      'public static void main(String[] args) { System.out.println("hello"); }',
      'Bananas ripen faster next to apples.',
    ],
  },
  {
    query: 'Who is liable when a parcel is damaged in transit?',
    documents: [
      `Delivery and risk. ${'The carrier takes the goods at the place that the order names and hands them to the receiver or to a person at the same address. '.repeat(4)}The seller bears the risk until the goods are handed over: when a parcel is damaged in transit, a consumer may ask the seller for a new one or for the money, and the seller may claim damages from the carrier.`,
      `Packing. ${'Fragile goods are wrapped one by one, and the box is filled so that nothing can move. '.repeat(6)}The sender must pack goods so that they survive a fall from 80 centimetres.`,
      `Prices. ${'The price depends on the weight, the size and the zone of the receiver. '.repeat(8)}A surcharge is due for islands.`,
      `History. ${'The first stamp appeared in 1840 and showed the head of a queen. '.repeat(8)}Collectors value misprints.`,
      `Garden. ${'Tomatoes need sun, water in the morning and a stick to climb. '.repeat(8)}Plant basil beside them.`,
    ],
  },
  {
    query: '服务器内存不足时 Redis 会怎样',
    documents: [
      `内存管理。${'Redis 把全部数据放在内存中，并按配置写入磁盘。'.repeat(6)}达到 maxmemory 后，noeviction 策略会拒绝写入并返回 OOM 错误；其他策略会按最近最少使用等规则淘汰键。`,
      `持久化。${'AOF 记录每一次写入，RDB 定期生成快照，两者可以同时启用。'.repeat(6)}重启时优先读取 AOF。`,
      `集群。${'集群把键分到一万六千多个槽，每个主节点负责一部分，副本在主节点失效时接替。'.repeat(5)}`,
      `浏览器。${'网页缓存可以减少请求，图片应当压缩后再上传。'.repeat(6)}`,
      `食谱。${'面团发酵到两倍大，切成小块，用中火烤二十分钟。'.repeat(6)}`,
    ],
  },
];
