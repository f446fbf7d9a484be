"""The words `vagueness` knows, as data. No database, no logic.

What is vague is a small closed vocabulary: judgements of character, degrees, and calls to do better; the standard one
stands in data/vague_expressions.csv, and each company keeps its own. What was seen is open; of it the lists here name
the traces it leaves: acts, things one can point at, moments of a working day.
"""

# Words that carry nothing either way: taken off before asking whether anything else is left.
FILLERS_ZH = """
    谢谢 感谢 辛苦了 辛苦 各项 活动 领导 上级 期望 工作 方面 事情 问题 情况 时候 日常 当中 过程 平时 本人 自己 同志
    同事 员工 老员工 岗位 部门 公司 单位 人员 新人 大家 别人 我们 你们 他们 今后 以后 未来 最近 近期 今年 去年 全年
    本季度 季度 本月 本期 阶段 期间 能够 可以 应该 希望 建议 需要 要求 继续 比较 较为 非常 十分 特别 相当 有点 有些
    一些 一点 一定 一名 一个 一位 一直 还是 但是 不过 而且 因为 所以 如果 无论 什么 怎么 这个 那个 这样 那样 相比
    存在 作为 对于 关于 通过 进行 加强 提升 提高 改进 改善 完善 注意 重视 带领 带好 做好 做到 做得 干得 很 更 再 还
    也 都 就 要 在 的 了 得 地 着 过 是 有 不 没 多 少 好 大 小 高 低 强 快 慢 能 会 请 把 被 对 和 与 及 等 上 下
    中 内 外 里 你 我 他 她 它 这 那 个 些 点 来 去 到 从 给 让 为 以 并 且 又 只 太 最 挺 真 较 需 应 该 可 想 看
"""
FILLERS_EN = (
    "the|a|an|is|are|was|were|has|have|be|and|or|of|in|to|at|for|with|your|you|his|her|he|she|very|thank you|thanks"
)

# Vague as the whole of a text; inside one they may be part of anything.
WHOLE = "无|暂无|没有|没了|收到|知悉|已阅|略|见上|如上|同上|同意|好的|好|棒|赞|牛|none|n/a|yes|no|ok"

# Acts that somebody has seen, or that did not happen where they should have.
DEEDS_ZH = """
    通知 告知 上报 报告给 汇报给 报修 报班组长 拦下 拦住 拦截 返工 返修 返厂 补单 补签 补发 补填 补录 退回 退货
    拆开 拆解 拆下 贴反 贴错 贴好 贴码 贴标 录入 签字 签收 签核 会签 核对 核算 核实 对账 填写 填报 填错 填了 打电话
    来电 致电 电话 去电 发出 发了 发给 发到 群发 群里 转发 抄送 演示 示范 劝停 停机 停线 停产 停炉 停掉 停下 挑出
    剔除 隔离 复测 复核 复查 复位 复现 测量 测得 测出 抽查 抽检 巡检 巡查 点检 自检 首检 扫码 扫出 登记 盘点 清点
    清理 整理成 整理出 汇总成 做成 写成 写进 写错 写明 手写 没写 写了 写完 画出 画了 翻译 翻成 译成 改成 改为 换成
    换好 换下 换型 换刀 调机 调人 调到 顶岗 顶班 代班 替班 留守 守到 值守 到场 到现场 去现场 现场 连线 拍照 拍下
    承认 道歉 更正 更正版 认领 锁价 谈下 谈判后 说服 访谈 回访 拜访 走访 试跑 试制 试装 试用 验证 试验 报价 报错
    装错 发错 算错 用错 拿错 搬 抬 拧 锯 焊 涂 注脂 注油 打磨 装配 装柜 装车 卸货 发货 送检 送货 送到 领料 领用
    借料 投料 混料 断料 缺料 缺件 短接 报废 拒付 拒收 投诉 索赔 延误 延期 晚了 迟到 早退 缺席 旷工 逾期 超期 超差
    超时 误判 漏 忘记 忘了 遗漏 打断 插话 点名 当众 答复 回复 回信 没回 回了 未回 立项 提交 交了 提了 提报 召集
    召开 主持 开会 约了 拉上 叫上 叫来 叫检验 教会 教了 讲了 讲解 培训了 带教 贴出 挂牌 断电 上锁 关机 开机 重启
    备份 回滚 上线 部署 合并 提测 修好 修复 查出 查到 查了 查清 多查 连查 找到 找出 找来 听出 看出 指出 追溯 锁定
    预警 排查 对照 拆到 砍掉 压了 压缩到 缩短到 降到 升到 提高到 降低到 减到 减少了 增加了 少了 多了 多报 少报 瞒报
    谎报 虚报 涂改 改参数 改了 翻出 转给 交给 递给 垫付 付款 开票 收款 催 签下 丢单 中标 投标 询价 下单 插单 退单
    撤单 排产 换班 接班 交接 让新人 带新人做 面试了 录用 陪 送医 包扎 扶 擦 扫 挪 搬走 归位 打勾 勾选 打卡 缓冲
    设了 加了 加装 拉通 发现 看到 反推 反馈给 协调到 争取到
"""
DEEDS_EN = (
    "sent|emailed|called|phoned|told|notified|informed|reported|escalated|wrote|drafted|typed|drew|"
    "rewrote|corrected|fixed|repaired|replaced|checked|rechecked|tested|measured|inspected|found|spotted|"
    "caught|noticed|stopped|halted|blocked|returned|rejected|shipped|delivered|packed|loaded|unloaded|"
    "labelled|labeled|scanned|logged|recorded|registered|signed|approved|submitted|filed|uploaded|merged|"
    "deployed|reverted|restarted|visited|interviewed|asked|answered|replied|apologised|apologized|"
    "admitted|interrupted|missed|forgot|skipped|overlooked|postponed|arrived|waited|stayed|taught|showed|"
    "demonstrated|trained|explained|scheduled|moved|sorted|counted|reduced|saved|scrapped|reworked|"
    "swapped|built|prepared|presented|shared|posted|invited|refused|booked|ordered|paid|invoiced|"
    "translated|summarised|summarized|documented|did not|didn't"
)

# Things one can point at.
THINGS_ZH = """
    客户 供应商 外包 代理商 甲方 审核 图纸 工单 订单 合同 发票 单证 单据 信用证 提单 报关 退税 结算单 装箱单 送货单
    检验单 整改单 整改计划 点检表 拜访表 清单 表格 台账 看板 周报 月报 日报 报表 邮件 微信群 短信 消息 会议 例会
    早会 评审 澄清会 三方会 复盘会 纪要 行动项 交接本 交接单 卡片 标签 唛头 二维码 条码 工艺文件 作业指导书 说明书
    指引 规范书 条款 方案 提案 模板 样件 样品 首件 来料 原材料 钢材 轴承 套圈 砂轮 油脂 油温 夹具 刀具 模具 工装
    量具 卡尺 千分表 机床 磨床 主轴 沟道 倒角 公差 尺寸 参数 温度 温升 振动 异音 噪声 转速 程序 代码 接口 脚本
    数据库 服务器 系统 软件 版本 缺陷 故障 根因 报警 联锁 防护门 护目镜 安全帽 手套 叉车 仓库 库位 库存 货架 返工架
    料盒 料道 滑道 产线 生产线 装配线 机台 炉料 热处理 淬火 清洗 包装 托盘 物料 零件 备件 螺栓 密封圈 交期 排期
    工时 班产 产量 良率 合格率 通过率 准交率 毛利 回款 应收 预算 报废原因 停机原因 时间线 时间表 对比表 数据 决策人
    竞争对手 对手 展会 招标 候选人 简历 离职 班车 食堂 决策链 小票 药箱 灭火器 隐患 盖板 油池 电柜 线缆 巡检记录
    培训记录
"""
THINGS_EN = (
    "bom|eco|ecn|mes|plm|erp|crm|sap|wms|fmea|spc|ppap|8d|gr&r|plc|drawing|order|invoice|contract|report|"
    "spreadsheet|email|e-mail|ticket|customer|supplier|client|sample|batch|machine|spindle|label|labels|"
    "box|boxes|bearing|bearings|meeting|minutes|checklist|tool|code|bug|release|server|database|template|"
    "prototype|warehouse|pallet|shipment|parts|wheel|gauge|fixture|customs|quote|offer|deadline|slides"
)

# Moments of a working day.
MOMENTS_ZH = """
    昨天 前天 今早 今天上午 今天下午 昨晚 当天 当晚 当场 当日 次日 第二天 第二天一早 隔天 半夜 夜间 深夜 凌晨 夜班
    白班 中班 早班 晚班 午休 下班前 下班后 上班前 开机前 上机前 会前 会后 会上 周末 周一 周二 周三 周四 周五 周六
    周日 上周 上个月 月底 月初 年底盘点 交接班 国庆 春节 五一 中秋 大促 审核那天 冻结后 发货前 出货前 装柜前
    停产期间 交付前
"""
MOMENTS_EN = (
    "yesterday|overnight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|last week|same day|"
    "same evening|that evening|that night|this morning|night shift|day shift|before shipping|"
    "after the meeting"
)

# How things are counted. Of "一" alone with these only: 一些, 一名, 一定 count nothing.
UNITS = (
    "件|个|套|台|片|颗|粒|根|支|只|块|张|份|封|本|条|项|处|批|炉|箱|盒|袋|包|桶|托|车|票|单|笔|家|户|人|名|位|组|班|班组|部门|版|遍|趟|次|"
    "回|轮|步|行|页|字|例|起|点|分|倍|成|折|分钟|小时|个小时|钟头|秒|天|日|个工作日|工作日|周|星期|个月|米|毫米|微米|丝|道|克|千克|公斤|吨|升|度|"
    "元|万元|万|千元|亿|套圈|度数|温度|库位|批次|环节"
)
UNITS_OF_ONE = "次|小时|个小时|分钟|天|周|批|炉|封|票|份|版|遍|趟|轮|箱|笔|单|半|夜|台|件|页|条|套|张"
